/** Server-sent events out of the pieces a network brings them in. Pure. */

export interface Frame {
  event: string;
  data: string;
}

/** Give it each piece as it comes; it answers the frames that are whole now. Comments and `retry` are nobody's news. */
export function frameReader(): (piece: string) => Frame[] {
  let rest = "";
  return (piece) => {
    const blocks = (rest + piece).replaceAll("\r\n", "\n").split("\n\n");
    rest = blocks.pop() ?? "";
    return blocks.map(readFrame).filter((frame): frame is Frame => frame !== null);
  };
}

function readFrame(block: string): Frame | null {
  let event = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const [, name, value] = /^([a-z]+):? ?(.*)$/.exec(line) ?? [];
    if (name === "event") event = value ?? "";
    if (name === "data") data.push(value ?? "");
  }
  return data.length === 0 ? null : { event, data: data.join("\n") };
}
