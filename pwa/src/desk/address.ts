/** Keeps the address of the page true to what is looked at, and what is looked at true to the address when somebody goes back. */

import { isAnotherPage, readView, writeView } from "./view";
import type { Desk } from "./desk";

/** A browser refuses hundreds of changes in a row, and nobody reads an address while they type. */
const SETTLED_MS = 300;

export function keepAddress(desk: Desk): void {
  let written = readView(location.search);
  let timer: ReturnType<typeof setTimeout> | undefined;
  desk.look(written);
  const write = () => {
    timer = undefined;
    const now = desk.view;
    if (writeView(now) === writeView(written)) return;
    const address = `${location.pathname}${writeView(now)}`;
    if (isAnotherPage(written, now)) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
    written = now;
  };
  desk.subscribe(() => {
    if (desk.picture !== null && timer === undefined && writeView(desk.view) !== writeView(written)) timer = setTimeout(write, SETTLED_MS);
  });
  addEventListener("popstate", () => {
    clearTimeout(timer);
    timer = undefined;
    written = readView(location.search);
    desk.look(written);
  });
}
