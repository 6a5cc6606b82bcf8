import { templateOf } from './templates/index.ts';
import type { Block } from './templates/template.ts';

/** The content of a message. */
export interface Content {
  subject: string;
  text: string;
  html: string;
}

/**
 * Writes a message as plain text and as HTML, from the blocks of its template.
 *
 * @param values values that the schema of the template accepts
 * @throws Error when there is no such template, or the values do not fit it
 */
export function render(name: string, values: unknown): Content {
  const template = templateOf(name);
  if (template === undefined) throw new Error(`there is no template ${name}`);
  const checked = template.values.parse(values);
  const subject = template.subject(checked);
  const blocks = template.blocks(checked);
  return { subject, text: `${blocks.map(textOf).join('\n\n')}\n`, html: page(subject, blocks.map(htmlOf).join('\n')) };
}

const textOf = (block: Block): string =>
  typeof block === 'string'
    ? block
    : [`${block.label}:\n${block.link}`, ...codeIn(block.link).map((code) => `${CODE}\n${code}`)].join('\n\n');

const htmlOf = (block: Block): string =>
  typeof block === 'string'
    ? `<p>${escaped(block)}</p>`
    : [
        `<p><a href="${escaped(block.link)}">${escaped(block.label)}</a></p>`,
        ...codeIn(block.link).map((code) => `<p>${CODE}<br><code>${escaped(code)}</code></p>`),
      ].join('\n');

/** For people who use a command or the API, where no page opens the link. */
const CODE = 'Or give this code to the program that asks for it:';

/** Returns the code in the fragment of a link, if it has one. */
const codeIn = (link: string): string[] => /#code=([\w-]+)$/.exec(link)?.slice(1) ?? [];

const page = (title: string, body: string): string =>
  `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title></head>\n` +
  `<body style="font-family:sans-serif;max-width:40em;margin:2em auto;line-height:1.5">\n${body}\n</body></html>\n`;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Escapes a text for HTML, also inside an attribute. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
