import { z } from 'zod';
import type { Access } from '../access/matrix.ts';
import type { Context } from '../context.ts';
import type { Html } from '../html/html.ts';
import { Problem, shapeViolations } from '../problem.ts';
import type { Fields, Values } from './form.ts';

/** What follows a form: another page of this server, or the rest of this page. */
export type Outcome = { headers?: Record<string, string>; cookies?: readonly string[] } & (
  | { location: string }
  | { title: string; content: Html }
);

/**
 * A page with a form. Everybody may open a page, also without a session: a browser that follows a link in a mail does not
 * send the cookie, which is `SameSite=Strict`. To open a page changes nothing, because programs that check mails for
 * malware open the links in them.
 */
export interface Page {
  /** The path, such as `/reset-password`. Links in mails contain it. */
  path: string;
  title: string;
  /** The action that the matrix must permit to whoever sends the form. */
  access: Access;
  /** The names of the fields of the form. */
  fields: readonly string[];
  /** Those of the fields that the URL of the page may contain. */
  inUrl?: readonly string[];
  /** Makes the content of the page. */
  content(ctx: Context, fields: Fields, request: Request): Html | Promise<Html>;
  /**
   * Does what the form asks for.
   *
   * @param ctx the context of the person who sends the form, unless the form is public
   * @throws Problem when the form is rejected
   */
  submit(ctx: Context, values: Values, request: Request): Promise<Outcome>;
  /** The path to which a person returns who had to sign in first. Default: `path`. */
  returnTo?(values: Values): string;
}

/**
 * Checks a form with the schema of the API.
 *
 * @throws Problem `invalid-request`
 */
export function checked<S extends z.ZodType>(schema: S, values: Values): z.output<S> {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new Problem('invalid-request', { violations: shapeViolations(schema, values, parsed.error, true) });
}

/** Makes the schema of a field into which a script has written JSON. */
export const jsonOf = <S extends z.ZodType>(schema: S) =>
  z
    .string()
    .transform((text, { addIssue }): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        addIssue('must be JSON');
        return z.NEVER;
      }
    })
    .pipe(schema);

/** The form of the codes in mails. */
export const isCode = (text: string): boolean => /^gh_(?:code|invitation)_[\w-]{43}$/.test(text);
