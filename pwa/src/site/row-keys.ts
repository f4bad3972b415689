/** A list by keyboard: j and k go down and up its rows, n and p to the next page and back; Enter opens, as a link does. */

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches("input, textarea, select, [contenteditable]");
}

export function moveByKeys(list: HTMLElement): void {
  const links = [...list.querySelectorAll<HTMLAnchorElement>("tbody th a")];
  const step = (by: number) => {
    const now = links.findIndex((link) => link === document.activeElement);
    const next = now === -1 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(now + by, 0), links.length - 1);
    links[next]?.focus();
    links[next]?.closest("tr")?.scrollIntoView({ block: "nearest" });
  };
  const follow = (rel: string) => document.querySelector<HTMLAnchorElement>(`a[rel=${rel}]`)?.click();
  const keys: Record<string, () => void> = {
    j: () => step(1),
    k: () => step(-1),
    n: () => follow("next"),
    p: () => follow("prev"),
  };
  document.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (act === undefined || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  for (const words of document.querySelectorAll<HTMLElement>("[data-keys]")) words.hidden = false;
}
