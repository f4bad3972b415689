// Draws public/icons/*.svg, from which the PNGs are made: `npm run icons`, then any SVG renderer.
// The PNGs are committed, so nobody needs a renderer to build the app.
import { writeFileSync } from "node:fs";

const GROUND = "#0b4a6f";
const pin = "M32 9c-10.5 0-18 7.7-18 17.6 0 12.6 13.5 24.7 16.7 27.4a2 2 0 0 0 2.6 0C36.5 51.3 50 39.2 50 26.6 50 16.700 42.500 9 32 9z";
const tick = "m23.5 27 6.2 6.2L41 21.5";
const sign = (scale) => `<g transform="translate(32 32) scale(${scale}) translate(-32 -32)"><path d="${pin}" fill="#fff"/><path d="${tick}" fill="none" stroke="${GROUND}" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"/></g>`;
const icon = (rx, scale) => `<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512" viewBox="0 0 64 64"><rect width="64" height="64" rx="${rx}" fill="${GROUND}"/>${sign(scale)}</svg>\n`;

const folder = new URL("../public/icons/", import.meta.url);
writeFileSync(new URL("icon.svg", folder), icon(15, 1));
// A launcher may cut a maskable icon to a circle of 80%: the sign stays inside it.
writeFileSync(new URL("icon-maskable.svg", folder), icon(0, 0.72));
