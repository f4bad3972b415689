/** A field with a list of suggestions below it (the ARIA combobox): typing narrows it, arrows walk it, Enter or Tab takes one. */

export interface Suggestion {
  words: string;
  /** Said behind the words, quietly. */
  aside?: string;
}

export interface Combobox {
  close(): void;
}

let made = 0;

/** `suggest` may take its time: only the answer to what was typed last is shown. */
export function combobox<T extends Suggestion>(
  input: HTMLInputElement,
  suggest: (typed: string) => T[] | Promise<T[]>,
  take: (chosen: T) => void,
): Combobox {
  const list = document.createElement("ul");
  list.id = `suggestions-${++made}`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels?.[0]?.querySelector("span")?.textContent ?? "Suggestions");
  list.hidden = true;
  input.after(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  let shown: T[] = [];
  let at = 0;
  let asked = 0;

  const mark = (next: number) => {
    at = (next + shown.length) % shown.length;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
    const item = list.children[at];
    if (item === undefined) return;
    input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  };
  const close = () => {
    asked++;
    list.hidden = true;
    shown = [];
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (chosen: T) => {
    close();
    input.value = chosen.words;
    take(chosen);
  };
  const show = (found: T[]) => {
    shown = found;
    list.replaceChildren(
      ...found.map((one, i) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${i}`;
        item.setAttribute("role", "option");
        item.append(one.words);
        if (one.aside) {
          const aside = document.createElement("span");
          aside.className = "quiet-words";
          aside.textContent = ` ${one.aside}`;
          item.append(aside);
        }
        // Before the field loses the focus, which would close the list.
        item.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          choose(one);
        });
        return item;
      }),
    );
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(found.length > 0));
    if (found.length > 0) mark(0);
  };
  const ask = async () => {
    const mine = ++asked;
    const found = await suggest(input.value.trim());
    if (mine === asked && document.activeElement === input) show(found);
  };

  input.addEventListener("input", () => void ask());
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && list.hidden) void ask();
    const chosen = shown[at];
    if (list.hidden || chosen === undefined) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") mark(at + (event.key === "ArrowDown" ? 1 : -1));
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) choose(chosen);
    else if (event.key === "Tab" && !event.shiftKey) return choose(chosen); // and the focus goes on
    else return;
    event.preventDefault();
  });
  return { close };
}
