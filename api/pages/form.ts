import { sentence } from '../html/errors.ts';
import { type Html, html } from '../html/html.ts';
import type { ProblemViolation } from '../problem.ts';

/** What a person entered, by the name of the field. A field that was not sent is absent. */
export type Values = Readonly<Record<string, string | undefined>>;

/** Why a form was rejected. */
export interface Rejection {
  /** The reason that concerns no single field. */
  detail?: string;
  violations: readonly ProblemViolation[];
}

interface FieldOptions {
  label: string;
  type?: 'text' | 'email' | 'password';
  /** What the browser fills in. https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#autofill */
  autocomplete: string;
  hint?: string;
  isOptional?: true;
}

/** The fields of a form, with what was entered, and why it was rejected. */
export class Fields {
  readonly #values: Values;
  readonly #rejection: Rejection | undefined;

  constructor(values: Values, rejection?: Rejection) {
    this.#values = values;
    this.#rejection = rejection;
  }

  /** What was entered in a field. */
  value(name: string): string | undefined {
    return this.#values[name];
  }

  /** Whether the form was sent, and rejected. */
  get isRejected(): boolean {
    return this.#rejection !== undefined;
  }

  /** Why the whole form was rejected. Screen readers read it first. */
  get alert(): Html {
    if (this.#rejection === undefined) return html``;
    return html`<p class="alert" role="alert">${this.#rejection.detail ?? 'Check the marked fields.'}</p>`;
  }

  /** A field with its label. A password is never repeated. */
  field(name: string, { label, type = 'text', autocomplete, hint, isOptional }: FieldOptions): Html {
    const value = type === 'password' ? '' : (this.value(name) ?? '');
    const wrong = this.#rejection?.violations.filter(({ path }) => path === `/${name}`) ?? [];
    const notes = [
      // Reasons have no subject, because the API names it by a pointer.
      ...wrong.map(({ message }) => ({
        message: sentence(/^(?:must|is)\b/.test(message) ? `this ${message}` : message),
        is: 'error',
      })),
      // The reason says what the hint of a password says.
      ...(hint && !(type === 'password' && wrong.length > 0) ? [{ message: hint, is: '' }] : []),
    ];
    return html`<div class="field" data-field="${name}">
<label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="${type}" value="${value}" autocomplete="${autocomplete}" spellcheck="false"
  autocapitalize="none" ${isOptional ? '' : 'required'} ${wrong.length > 0 ? 'aria-invalid=true' : ''} aria-describedby="${name}-note">
<p class="note" id="${name}-note">${notes.map(({ message, is }) => html`<span class="${is}">${message}</span>`)}</p>
</div>`;
  }

  /** The code from a mail. The link in the mail has it after `#`, and a script moves it into this field. */
  code(): Html {
    return this.field('code', {
      label: 'Code from the mail',
      autocomplete: 'off',
      hint: 'Copy it from the mail. It begins with gh_.',
    });
  }

  /** A field that the person does not see. */
  hidden(name: string): Html {
    const value = this.value(name) ?? '';
    return value === '' ? html`` : html`<input type="hidden" name="${name}" value="${value}">`;
  }
}
