import type { ListenerRejection } from '../../wire/feed.ts';

/** The largest size of a node's rejected listeners, in characters of JSON. */
const MOST = 8_192;
/** The number of characters that the JSON of one rejection needs without its message. Escapes may need more. */
const lengthOf = (rejection: ListenerRejection): number => JSON.stringify({ ...rejection, message: '' }).length + 1;

/**
 * Returns the listeners that a node does not serve, in at most {@link MOST} characters of JSON. It shortens long
 * messages, because every closed port is needed. Only names that no agent gives make it leave out listeners.
 */
export function shortened(rejections: readonly ListenerRejection[]): ListenerRejection[] {
  if (JSON.stringify(rejections).length <= MOST) return [...rejections];
  const kept: ListenerRejection[] = [];
  let room = MOST - 2;
  for (const rejection of rejections) {
    const length = lengthOf(rejection);
    if (length > room) break;
    room -= length;
    kept.push(rejection);
  }
  const each = Math.floor(room / kept.length);
  return kept.map(({ message, ...rest }) => ({ ...rest, message: cut(message, each) }));
}

/** Cuts a text, so that its JSON has at most this many characters without the quotes. */
function cut(text: string, most: number): string {
  const short = text.slice(0, most);
  // An escape in JSON has at most six characters.
  return JSON.stringify(short).length - 2 <= most ? short : short.slice(0, Math.floor(most / 6));
}
