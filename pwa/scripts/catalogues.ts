/** Reads the catalogues as `make words` writes them: one message after the other, each string on one line or on several. */

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

interface Message {
  /** Where it is said. */
  files: string[];
  context: string | null;
  id: string;
  /** Its forms; one where there is no number in it. */
  strings: string[];
}

export function readCatalogues(folder: string) {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".po"))
    .sort()
    .map((file) => {
      const [head, ...messages] = readFileSync(join(folder, file), "utf8").split(/\n\n+/).map(readMessage);
      const said = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(head?.strings[0] ?? "")?.[1] ?? "";
      return {
        language: said("Language"),
        name: said("X-Name"),
        dir: said("X-Direction") === "rtl" ? "rtl" : "ltr",
        plurals: said("X-Plurals").split(" "),
        wordsOf: (isSaid: (file: string) => boolean): Record<string, string | readonly string[]> =>
          Object.fromEntries(
            messages
              .filter(({ id, files, strings }) => id !== "" && files.some(isSaid) && strings.every((string) => string !== ""))
              .map(({ context, id, strings }) => [context === null ? id : `${context}\u0004${id}`, strings.length > 1 ? strings : (strings[0] ?? "")]),
          ),
      };
    });
}

function readMessage(block: string): Message {
  const found: Message = { files: [], context: null, id: "", strings: [] };
  let put = (_text: string): void => {};
  for (const line of block.split("\n")) {
    if (line.startsWith("#:")) found.files.push(...line.slice(2).trim().split(" "));
    const [, word, index, quoted] = /^(?:(msgctxt|msgid_plural|msgid|msgstr)(?:\[(\d+)\])? )?(".*")$/.exec(line) ?? [];
    if (quoted === undefined) continue;
    if (word === "msgctxt") put = (text) => void (found.context = (found.context ?? "") + text);
    else if (word === "msgid") put = (text) => void (found.id += text);
    else if (word === "msgid_plural") put = () => {};
    else if (word === "msgstr") {
      const at = Number(index ?? 0);
      found.strings[at] = "";
      put = (text) => void (found.strings[at] += text);
    }
    put(JSON.parse(quoted) as string);
  }
  return found;
}
