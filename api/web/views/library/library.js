// The view `library`: all collections, or the documents of one of them.

import { byId } from "../../frame/dom.js";
import { openAll } from "./all.js";
import { openCollection } from "./collection.js";

export function open(root, address) {
  let name = address.params.collection;
  let part = show(name, address);

  function show(collection, newAddress) {
    byId("all").hidden = collection !== undefined;
    byId("one").hidden = collection === undefined;
    return collection === undefined ? openAll() : openCollection(collection, newAddress);
  }

  return {
    async update(newAddress) {
      const { collection } = newAddress.params;
      if (collection === name) {
        await part.update?.(newAddress);
        return;
      }
      part.close();
      name = collection;
      part = show(name, newAddress);
    },
    close: () => part.close(),
  };
}
