import { make } from "../../frame/dom.js";
export function createViewer(root) {
  const image = make("img", { alt: "" });
  const boxes = make("div", { className: "boxes" });
  const sheet = make("div", { className: "plain-sheet" }, image, boxes);
  root.replaceChildren(sheet);
  return {
    show(pageId, { marks }) {
      image.src = `/v1/pages/${pageId}/image?width=1200`;
      boxes.replaceChildren(...marks.filter((mark) => mark.pageId === pageId).map(({ box, active, light }) => {
        const element = make("div", { className: `box${active ? " active" : ""}${light ? " light" : ""}` });
        const [x0, y0, x1, y1] = box.map((part) => part * 100);
        Object.assign(element.style, { left: `${x0}%`, top: `${y0}%`, width: `${x1 - x0}%`, height: `${y1 - y0}%` });
        return element;
      }));
    },
    clear() { image.removeAttribute("src"); boxes.replaceChildren(); },
    close() { root.replaceChildren(); },
  };
}
