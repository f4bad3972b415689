/** Finding a service by a few letters of what people call it. */

import type { Service } from "./wire";

/**
 * The services that have every word of `query` in their name, group or department; those whose name begins with it
 * first. Without a query: `first` decides who comes first.
 */
export function findServices(services: readonly Service[], query: string, first: (service: Service) => boolean, most: number): Service[] {
  const words = plain(query).split(" ").filter(Boolean);
  const ranked = services.flatMap((service) => {
    const name = plain(service.name);
    const all = `${name} ${plain(service.group)} ${plain(service.department)}`;
    if (!words.every((word) => all.includes(word))) return [];
    const inName = words.filter((word) => ` ${name}`.includes(` ${word}`)).length;
    const rank = words.length > 0 && name.startsWith(words.join(" ")) ? 0 : 1 + words.length - inName;
    return [{ service, rank: rank * 2 + (first(service) ? 0 : 1) }];
  });
  return ranked
    .sort((a, b) => a.rank - b.rank || a.service.name.localeCompare(b.service.name))
    .slice(0, most)
    .map(({ service }) => service);
}

function plain(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}
