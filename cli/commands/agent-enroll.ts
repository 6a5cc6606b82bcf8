import type { Definition } from '../command.ts';
import { folder } from '../options.ts';
import { UsageError } from '../process/failure.ts';

interface Options {
  api?: string;
  data?: string;
  name?: string;
  tokenFile?: string;
}

/** The token has no option, because other users of the machine can see arguments. */
export const enroll: Definition<Options> = {
  path: 'agent enroll',
  description: 'Enrol an agent with a one-time token: it makes a key, and then renews a credential of its own',
  define: (command) => {
    command
      .option('--api <url>', 'control API; GATEHOUSE_API')
      .option('--data <dir>', 'folder of the agent; GATEHOUSE_DATA', folder)
      .option('--name <name>', 'name of the agent in lists; default the host name')
      .option('--token-file <file>', 'file with the one-time token; - reads standard input')
      .addHelpText(
        'after',
        `
The token comes from GATEHOUSE_ENROLMENT_TOKEN or --token-file. An operator makes it with POST /v1/fleets/FLEET/enrolments.
For example:
  GATEHOUSE_ENROLMENT_TOKEN=… gatehouse agent enroll --api https://gatehouse.example.com --data /var/lib/gatehouse/edge
  gatehouse agent --data /var/lib/gatehouse/edge --xds unix:/run/gatehouse/xds.sock --health 127.0.0.1:8481

The key is in --data, which only its owner may read. A copy of it must never be used: the API stops an agent whose key has
two holders. An agent that lost its folder, or was stopped, enrols again with another token.`,
      );
  },
  answer: async ({ options }) => {
    const { readFileSync } = await import('node:fs');
    const { hostname } = await import('node:os');
    const { enrol } = await import('../../dataplane/feed/enrol.ts');
    const { lockFolder } = await import('../../dataplane/folder-lock.ts');
    const { DATA_FILES } = await import('../../dataplane/settings.ts');
    const { VERSION } = await import('../../dataplane/version.ts');
    const { requireOwnFolder } = await import('../../wire/own-folder.node.ts');
    const api = (options.api ?? process.env.GATEHOUSE_API)?.replace(/\/+$/, '');
    const data = options.data ?? process.env.GATEHOUSE_DATA;
    if (!api || !/^https?:\/\/./.test(api)) throw new UsageError('--api (GATEHOUSE_API) must be an http or https URL.');
    if (!data) throw new UsageError('--data (GATEHOUSE_DATA) is missing; for example --data /var/lib/gatehouse/edge');
    const { tokenFile } = options;
    const token = (
      tokenFile === undefined
        ? (process.env.GATEHOUSE_ENROLMENT_TOKEN ?? '')
        : readFileSync(tokenFile === '-' ? 0 : tokenFile, 'utf8')
    ).trim();
    if (token === '')
      throw new UsageError(
        'The one-time token is missing: set GATEHOUSE_ENROLMENT_TOKEN, or name its file with --token-file.',
      );
    requireOwnFolder(data, [...DATA_FILES, 'compiled'], '--data');
    const lock = lockFolder(data);
    try {
      const name = options.name ?? hostname();
      const { id, fleet } = await enrol({ api, folder: data, token, name, version: VERSION });
      return { text: `The agent ${name} has enrolled in the fleet ${fleet} (agent ${id}).`, json: { id, fleet } };
    } finally {
      lock.release();
    }
  },
};
