// The video of which the page in view is a picture, at its second.

import { isOfVideo } from "../frame/texts.js";
import { fileAddress } from "./share.js";

export function createPlayer({ player }) {
  let documentId = null;

  // A browser may lack what decodes it: the picture is there all the same.
  player.addEventListener("error", () => (player.hidden = true));

  function clear() {
    if (documentId === null) return;
    documentId = null;
    player.hidden = true;
    player.removeAttribute("src");
    player.load(); // ends what is on its way
  }

  return {
    about(page) {
      if (!isOfVideo(page)) clear();
      else if (page.document_id === documentId) player.currentTime = page.time_s;
      else {
        documentId = page.document_id;
        player.hidden = false;
        player.src = fileAddress(page);
      }
    },
    clear,
  };
}
