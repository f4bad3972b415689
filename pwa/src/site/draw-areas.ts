/** Draw over a photo: each rectangle is a line of four hundredths in a text field, which is what is sent. */

type Area = [left: number, top: number, width: number, height: number];

const LEAST = 1; // hundredths: less is a slip of the hand

function areasOf(text: string): Area[] {
  return text
    .split("\n")
    .map((line) => line.trim().split(/[\s,;]+/).map(Number))
    .filter((parts): parts is Area => parts.length === 4 && parts.every((part) => Number.isFinite(part)));
}

export function drawAreas(canvas: HTMLElement): void {
  const field = document.querySelector<HTMLTextAreaElement>(`#${canvas.dataset["areas"] ?? ""}`);
  if (field === null) return;

  const box = ([left, top, width, height]: Area) => {
    const drawn = document.createElement("span");
    drawn.className = "area";
    Object.assign(drawn.style, { left: `${left}%`, top: `${top}%`, width: `${width}%`, height: `${height}%` });
    return drawn;
  };
  const show = () => {
    canvas.querySelectorAll(".area").forEach((old) => old.remove());
    canvas.append(...areasOf(field.value).map(box));
  };
  const at = (event: PointerEvent) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const within = (value: number) => Math.min(100, Math.max(0, value));
    return { x: within(((event.clientX - left) / width) * 100), y: within(((event.clientY - top) / height) * 100) };
  };

  canvas.addEventListener("pointerdown", (down) => {
    if (down.button !== 0) return;
    down.preventDefault();
    canvas.setPointerCapture(down.pointerId);
    const from = at(down);
    let drawn: HTMLElement | undefined;
    const area = (event: PointerEvent): Area => {
      const to = at(event);
      return [Math.min(from.x, to.x), Math.min(from.y, to.y), Math.abs(to.x - from.x), Math.abs(to.y - from.y)];
    };
    const move = (event: PointerEvent) => {
      drawn?.remove();
      drawn = box(area(event));
      canvas.append(drawn);
    };
    const up = (event: PointerEvent) => {
      canvas.removeEventListener("pointermove", move);
      const found = area(event);
      if (found[2] >= LEAST && found[3] >= LEAST) {
        const line = found.map((part) => part.toFixed(1)).join(" ");
        field.value = field.value.trim() === "" ? line : `${field.value.trim()}\n${line}`;
      }
      show();
    };
    canvas.addEventListener("pointermove", move);
    canvas.addEventListener("pointerup", up, { once: true });
  });
  field.addEventListener("input", show);
  for (const words of document.querySelectorAll<HTMLElement>("[data-draw-words]")) words.hidden = false;
  show();
}
