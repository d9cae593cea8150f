// The view `library`: all collections, or the documents of one of them.

import { byId } from "../../frame/dom.js";
import { openAll } from "./all.js";
import { openCollection } from "./collection.js";

export function open() {
  let name = null; // of the collection that is shown; undefined while it is all of them
  let part = null;

  return {
    async show(address) {
      const { collection } = address.params;
      if (part !== null && collection === name) {
        await part.update?.(address);
        return;
      }
      part?.close();
      name = collection;
      byId("all").hidden = name !== undefined;
      byId("one").hidden = name === undefined;
      part = name === undefined ? openAll() : openCollection(name, address);
    },
    close: () => part?.close(),
  };
}
