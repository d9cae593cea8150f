// An image to search with: made small in the browser, and drawn where a person sees what is searched for.

import { byId } from "../../frame/dom.js";

const MOST_PX = 1120; // the service looks at no more
const QUALITY = 0.85;

/** `onChange()` is called when an image was chosen or taken away; `data()` is its `data:` address or null. */
export function createImageQuery(onChange, onError) {
  let data = null;

  byId("search-choose-image").addEventListener("click", () => byId("search-file").click());
  byId("search-file").addEventListener("change", () => take(byId("search-file").files[0]));
  byId("search-no-image").addEventListener("click", () => {
    clear();
    onChange();
  });

  async function take(file) {
    if (!file) return;
    try {
      const bitmap = await createImageBitmap(file);
      const scale = Math.min(1, MOST_PX / Math.max(bitmap.width, bitmap.height));
      const canvas = byId("search-picture");
      canvas.width = Math.max(1, Math.round(bitmap.width * scale));
      canvas.height = Math.max(1, Math.round(bitmap.height * scale));
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff"; // a JPEG has no transparency
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      data = canvas.toDataURL("image/jpeg", QUALITY);
      canvas.hidden = byId("search-no-image").hidden = false;
      onChange();
    } catch (error) {
      onError(error);
    }
  }

  function clear() {
    data = null;
    byId("search-file").value = "";
    byId("search-picture").hidden = byId("search-no-image").hidden = true;
  }

  return { data: () => data, clear };
}
