/** Messages as proto3 JSON that people can read and Envoy takes. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

interface Type {
  decode(bytes: Uint8Array): unknown;
  // Each message's own toJSON; which one is chosen by type URL at run time.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  toJSON(message: any): unknown;
}

const generated = join(import.meta.dirname, '../../dataplane/envoy/gen');
const load = createRequire(import.meta.url);
const known = new Map<string, Type>();

/** The generated type of a message, by its full name: `envoy.extensions.filters.http.lua.v3.Lua`. */
function typeNamed(fullName: string): Type {
  const parts = fullName.split('.');
  const name = parts.pop()!;
  const folder = join(generated, ...parts);
  let type = known.get(fullName);
  for (const file of type ? [] : readdirSync(folder).filter((each) => each.endsWith('.ts')))
    type ??= (load(join(folder, file)) as Record<string, Type | undefined>)[name];
  if (!type) throw new Error(`${fullName} is not generated: add it to dataplane/envoy/generate/messages.txt`);
  known.set(fullName, type);
  return type;
}

export function readable(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(readable);
  if (typeof json !== 'object' || json === null) return json;
  const { typeUrl, value, seconds, nanos, ...rest } = json as Record<string, unknown>;
  if (typeof typeUrl === 'string') {
    // No message of Envoy contains one, so it is not generated: its only field is the text, after a tag and a length.
    if (typeUrl.endsWith('/google.protobuf.StringValue'))
      return {
        '@type': typeUrl,
        value: Buffer.from(String(value ?? ''), 'base64')
          .subarray(2)
          .toString(),
      };
    const type = typeNamed(typeUrl.split('/')[1]!);
    return {
      '@type': typeUrl,
      ...(readable(type.toJSON(type.decode(Buffer.from(String(value ?? ''), 'base64')))) as object),
    };
  }
  if (Object.keys(rest).length === 0 && (seconds !== undefined || nanos !== undefined))
    return `${Number(seconds ?? 0) + Number(nanos ?? 0) / 1e9}s`;
  return Object.fromEntries(
    Object.entries(json).map(([key, each]) => [key, isDuration(key, each) ? '0s' : readable(each)]),
  );
}

/** A zero duration is an empty object in ts-proto's JSON. */
const isDuration = (key: string, value: unknown) =>
  /[tT]imeout$/.test(key) && typeof value === 'object' && value !== null && Object.keys(value).length === 0;
