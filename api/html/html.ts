import { html as template } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

/** A part of a page. */
export type Html = HtmlEscapedString;

/** Writes HTML, and escapes the texts that it inserts. It inserts no promises, so it returns none. */
export const html = template as (strings: TemplateStringsArray, ...values: unknown[]) => Html;
