/** An emergency's temporary crews, as the office's routes tell of them (docs/console-api.md is the other end). Pure. */

import { filled, list, shape, text, whole } from "./read";

export interface Surge {
  id: number;
  name: string;
  fromS: number;
  untilS: number;
  crews: number;
}

/** Who signs in with which password: told once, and kept nowhere in readable form. */
export interface SignIn {
  crew: string;
  person: string;
  email: string;
  password: string;
}

export interface Started {
  deedId: number;
  crews: number;
  signIns: SignIn[];
}

export function readSurges(value: unknown): Surge[] {
  return list(shape(value, "surges").surges, "surges", (row, what) => {
    const it = shape(row, what);
    return { id: whole(it.id, what), name: text(it.name, what), fromS: whole(it.from, what), untilS: whole(it.until, what), crews: list(it.crews, what, whole).length };
  });
}

export function readStarted(value: unknown): Started {
  const it = shape(value, "surge");
  return {
    deedId: whole(shape(it.deed, "deed").id, "deed.id"),
    crews: whole(it.crews, "crews"),
    signIns: list(it.sign_ins, "sign_ins", (row, what) => {
      const one = shape(row, what);
      return { crew: filled(one.crew, what), person: text(one.person, what), email: filled(one.email, what), password: filled(one.password, what) };
    }),
  };
}

/** What is wrong with what was sent, one line each: "Row 3, department: There is no such department." */
export function wrongLines(errors: unknown, path: readonly string[] = []): string[] {
  if (typeof errors === "string") return [path.length === 0 ? errors : `${capital(path.join(", "))}: ${errors}`];
  if (Array.isArray(errors)) return errors.flatMap((it) => wrongLines(it, path));
  if (typeof errors !== "object" || errors === null) return [];
  return Object.entries(errors).flatMap(([name, it]) => wrongLines(it, name === "csv" ? path : [...path, name]));
}

const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);
