import type { Command } from 'commander';
import type { ExitCode } from './exit.ts';
import type { Remote } from './remote/client.ts';

/** The result of a command. `cli/program.ts` prints `text`, or `json` with `--json`. */
export interface Answer {
  /** The text for people: lines without a final newline. If it is empty, the command prints nothing. */
  text: string;
  json: object;
  /** The exit code. Default: 0. */
  exit?: ExitCode;
  /** One sentence that says what a non-zero exit code means. It is printed to stderr. */
  why?: string;
}

/** What the user typed after the words of the command. */
export interface Given<Options> {
  /** The options as commander parsed them, with defaults. */
  options: Options;
  args: string[];
  /** The whole program, from which completion and help are generated. */
  program: Command;
}

interface Words {
  /**
   * The words after `gatehouse`, such as `store copy`. A command for the words before the last one (`store`) must exist
   * too.
   */
  path: string;
  /** One line of the list of commands. */
  description: string;
  /**
   * Adds arguments, options and further help. It must not import modules, because it runs for every command at each
   * start.
   */
  define?(command: Command): void;
}

/** A command that writes its own output, because it runs until it is stopped or its output is input for a program. */
interface Running<Options> extends Words {
  run(given: Given<Options>): void | Promise<void>;
}

/** A command with one result. `cli/program.ts` adds `--json`. */
interface Answering<Options> extends Words {
  answer(given: Given<Options>): Promise<Answer>;
}

/** A command that calls an API. `cli/program.ts` adds `--url`, `--profile` and `--json`, and creates the client. */
interface Calling<Options> extends Words {
  call(remote: Remote, given: Given<Options>): Promise<Answer>;
}

/** A command that calls an API and writes its own output, because the output may be long. It has no `--json`. */
interface Writing<Options> extends Words {
  write(remote: Remote, given: Given<Options>): Promise<void>;
}

/** A word without an action of its own, such as `store`, that groups subcommands. */
interface Group extends Words {
  isGroup: true;
}

/**
 * One command of `gatehouse`: one file in `cli/commands/` and one line in its index. Help, completion, `--json` and
 * docs/reference/commands.md are generated from the definition.
 */
export type Definition<Options = object> =
  | Running<Options>
  | Answering<Options>
  | Calling<Options>
  | Writing<Options>
  | Group;
