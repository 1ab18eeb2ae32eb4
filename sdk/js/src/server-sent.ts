// Server-sent events, put together from the parts in which they arrive.

/** One event. Without `data` it says no more than its `id`. */
export interface ServerSent {
  name: string;
  data: string;
  id: string | undefined;
}

/** The events of a stream. A part may end anywhere. */
export async function* serverSent(parts: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSent, void, undefined> {
  const decoder = new TextDecoder();
  let waiting: string[] = []; // parts of a line that has not ended
  let name = "";
  let data: string[] = [];
  let id: string | undefined;
  for await (const part of parts) {
    waiting.push(decoder.decode(part, { stream: true }));
    if (!/[\r\n]/.test(waiting.at(-1)!)) continue;
    const text = waiting.join("");
    const half = text.endsWith("\r") ? "\r" : ""; // perhaps half of a line end
    const lines = text.slice(0, text.length - half.length).split(/\r\n|\n|\r/);
    waiting = [lines.pop()! + half];
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0 || id !== undefined) yield { name: name || "message", data: data.join("\n"), id };
        [name, data, id] = ["", [], undefined];
        continue;
      }
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "event") name = value;
      else if (field === "data") data.push(value);
      else if (field === "id") id = value;
    }
  }
}
