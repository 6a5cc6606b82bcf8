import { Argument, type Command } from 'commander';
import type { Definition } from '../command.ts';

const SHELLS = {
  bash: { script: bash, install: 'eval "$(gatehouse completion bash)"  in ~/.bashrc' },
  zsh: { script: zsh, install: 'eval "$(gatehouse completion zsh)"  in ~/.zshrc, after compinit' },
  fish: { script: fish, install: 'gatehouse completion fish > ~/.config/fish/completions/gatehouse.fish' },
} as const;

const IN_A_CHECKOUT = `
The scripts complete the command \`gatehouse\`. In a checkout, put it into the PATH first:
  export PATH="$PWD/node_modules/.bin:$PATH"`;

/** The scripts are generated from the definitions, so a new command or option needs no change here. */
export const completion: Definition = {
  path: 'completion',
  description: 'Print a completion script',
  define: (command) => {
    const installs = Object.values(SHELLS).map(({ install }) => `  ${install}`);
    command
      .addArgument(new Argument('<shell>', Object.keys(SHELLS).join(', ')).choices(Object.keys(SHELLS)))
      .addHelpText('after', `\nTo install:\n${installs.join('\n')}\n${IN_A_CHECKOUT}`);
  },
  run: ({ args: [shell], program }) => {
    process.stdout.write(SHELLS[shell as keyof typeof SHELLS].script(levels(program)));
  },
};

interface Word {
  word: string;
  about: string;
}

/** The words that may follow a chain of commands such as `agent bootstrap`. */
interface Level {
  path: string;
  commands: Word[];
  options: (Word & { hasValue: boolean })[];
}

function levels(command: Command, path: string[] = []): Level[] {
  const visible = command.createHelp();
  const commands = visible.visibleCommands(command);
  const others = commands.filter((sub) => sub.name() !== 'help');
  const word = (sub: Command): Word => ({ word: sub.name(), about: sub.description() });
  const options = visible
    .visibleOptions(command)
    .flatMap((option) =>
      option.long ? [{ word: option.long, about: option.description, hasValue: option.required }] : [],
    );
  const values = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
  return [
    {
      path: path.join(' '),
      commands: [...commands.map(word), ...values.map((word) => ({ word, about: '' }))],
      options,
    },
    // `gatehouse help` is followed by the name of a command.
    ...(others.length < commands.length
      ? [{ path: [...path, 'help'].join(' '), commands: others.map(word), options: [] }]
      : []),
    ...others.flatMap((sub) => levels(sub, [...path, sub.name()])),
  ];
}

/** Makes a shell function that finds the level to which the words typed so far lead. */
function walk(all: Level[]): string {
  // The variable is not called `path`, because zsh ties that name to PATH.
  return `  local level="" word
  for word in "\${typed[@]}"; do
    case "\${level:+$level }$word" in
${all
  .filter(({ path }) => path !== '')
  .map(({ path }) => `      '${path}') level='${path}' ;;`)
  .join('\n')}
    esac
  done`;
}

/** Returns a pattern of a shell's `case`, of all options after which a value follows, in most cases a file or folder. */
const valued = (all: Level[]): string =>
  [...new Set(all.flatMap(({ options }) => options.filter(({ hasValue }) => hasValue).map(({ word }) => word)))].join(
    '|',
  );

function bash(all: Level[]): string {
  const cases = all.map(
    ({ path, commands, options }) =>
      `    '${path}') words='${[...commands, ...options].map(({ word }) => word).join(' ')}' ;;`,
  );
  return `_gatehouse() {
  local typed=("\${COMP_WORDS[@]:1:COMP_CWORD-1}") words=""
  # Without words, bash completes files.
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
    ${valued(all)}) COMPREPLY=(); return ;;
  esac
${walk(all)}
  case "$level" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _gatehouse gatehouse
`;
}

function zsh(all: Level[]): string {
  const quote = (text: string) => `'${text.replaceAll(':', '\\:').replaceAll("'", "'\\''")}'`;
  const described = ({ word, about }: Word) => `'${word}:'${quote(about)}`;
  const cases = all.map(
    ({ path, commands, options }) => `    '${path}') words=(${[...commands, ...options].map(described).join(' ')}) ;;`,
  );
  return `#compdef gatehouse
_gatehouse() {
  local -a typed found
  typed=("\${(@)words[2,CURRENT-1]}")
  case "\${words[CURRENT-1]}" in
    ${valued(all)}) _files; return ;;
  esac
${walk(all)}
  case "$level" in
${cases.map((line) => line.replace('words=(', 'found=(')).join('\n')}
  esac
  _describe gatehouse found || _files
}
compdef _gatehouse gatehouse
`;
}

function fish(all: Level[]): string {
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = all.flatMap(({ path, commands, options }) => {
    const deeper = commands.map(({ word }) => word).join(' ');
    const seen = path.split(' ').filter((word) => word !== '');
    const conditions = [
      ...seen.map((word) => `__fish_seen_subcommand_from ${word}`),
      ...(deeper ? [`not __fish_seen_subcommand_from ${deeper}`] : []),
    ];
    const when = quote(conditions.join('; and ') || 'true');
    return [
      ...commands.map(({ word, about }) => `complete -c gatehouse -f -n ${when} -a ${word} -d ${quote(about)}`),
      ...options.map(
        ({ word, about, hasValue }) =>
          `complete -c gatehouse -n ${when} -l ${word.slice(2)}${hasValue ? ' -r -F' : ''} -d ${quote(about)}`,
      ),
    ];
  });
  return `${lines.join('\n')}\n`;
}
