import { kindIds, pluralOf } from '../../model/kinds/index.ts';
import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import { requireKept } from '../publishing/heads/kept.ts';
import { JsonBytes } from '../reply.ts';
import type { Store } from '../store/store.ts';
import { etag } from '../version.ts';

/**
 * Reads the whole configuration of a tenant, at the head or at a revision, without private keys. The document is
 * sorted by kind and name, and also contains the kinds without resources. A tenant without revisions has the empty
 * configuration, as revision 0. A configuration may be very large, so the function reads it in pieces, and copies the
 * stored JSON.
 *
 * @returns the document as JSON, with its revision and its ETag
 * @throws Problem `not-found`, `revision-pruned`
 */
export async function document(
  { store }: Context,
  { tenant, revision }: { tenant: string; revision?: number | undefined },
): Promise<{ revision: number; etag: string; document: JsonBytes }> {
  const { number, createdAt, outlines } = await outlinesAt(store, tenant, revision);
  const parts: Uint8Array[] = [];
  const encoder = new TextEncoder();
  const add = (text: string) => void parts.push(encoder.encode(text));
  for (const [index, kind] of kindIds.entries()) {
    add(`${index === 0 ? '{' : '},'}"${pluralOf(kind)}":{`);
    const members = outlines.filter((outline) => outline.kind === kind);
    let separator = '';
    for await (const piece of store.configuration.contents(tenant, members)) {
      add(separator + piece.map(({ name, spec }) => `"${name}":${spec}`).join());
      separator = ',';
    }
  }
  add('}}');
  // These checks come after the read, because the revision may have been pruned during the read, or another tenant of
  // this name may have been created.
  const now = await requireKept(store, tenant, number);
  if (now.createdAt !== createdAt) throw absent(`tenant ${tenant}`);
  const tag = etag({ version: number, createdAt });
  return { revision: number, etag: tag, document: new JsonBytes(joined(parts)) };
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Reads the outlines of a revision. The head is found without reading the history, unless it changes meanwhile. */
async function outlinesAt(store: Store, tenant: string, revision: number | undefined) {
  const find = async () => {
    const found = await store.tenants.find(tenant);
    if (!found) throw absent(`tenant ${tenant}`);
    return found;
  };
  const { revision: head, createdAt } = await find();
  if (revision === undefined) {
    const outlines = await store.configuration.outlines(tenant);
    if ((await find()).revision === head) return { number: head, createdAt, outlines };
  }
  const number = revision ?? head;
  return { number, createdAt, outlines: await store.configuration.outlines(tenant, number) };
}
