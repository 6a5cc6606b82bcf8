import { readFileSync } from 'node:fs';
import type { ClientConfig } from 'pg';
import { WrongSetting } from '../../wire/wrong-setting.ts';

export interface PostgresConfig {
  connection: ClientConfig;
  /** The size of this process's pool of connections. */
  pool: number;
  /** The time limit of a statement, in milliseconds. It includes the time for which a statement waits for a lock. */
  statementTimeout: number;
  /** The maximum time to wait for a new connection or one from the pool, in milliseconds. */
  connectTimeout: number;
}

const EXAMPLE = 'postgres://user:password@host:5432/database?sslmode=verify-full';
const PARAMETERS = {
  pool: '10',
  /** In milliseconds, like the PostgreSQL setting of this name. */
  statement_timeout: '5000',
  /** In seconds, like the libpq setting of this name. */
  connect_timeout: '5',
  sslmode: 'disable',
  sslrootcert: '',
  sslcert: '',
  sslkey: '',
  application_name: 'gatehouse',
  /** The folder of a Unix socket. */
  host: '',
};
type Parameter = keyof typeof PARAMETERS;

/**
 * Parses a URL `postgres://…`. Its parameters have the same names as in libpq.
 *
 * @throws WrongSetting that describes the expected form and never contains the password
 */
export function readPostgresUrl(text: string): PostgresConfig {
  const url = URL.parse(text);
  const database = url ? decodeURIComponent(url.pathname.slice(1)) : '';
  if (!url || !/^postgres(ql)?:$/.test(url.protocol) || database === '' || database.includes('/'))
    throw new WrongSetting(`The database URL is not one of PostgreSQL: write ${EXAMPLE}.`);
  for (const name of url.searchParams.keys()) {
    if (name in PARAMETERS) continue;
    const known = Object.keys(PARAMETERS).join(', ');
    throw new WrongSetting(`The database URL has a parameter '${name}' that is not known: write any of ${known}.`);
  }
  const get = (name: Parameter) => url.searchParams.get(name) ?? PARAMETERS[name];
  const whole = (name: Parameter): number => {
    if (/^[1-9]\d{0,8}$/.test(get(name))) return Number(get(name));
    throw new WrongSetting(`The database URL's '${name}' must be a whole number above 0, not '${get(name)}'.`);
  };
  const host = get('host') || url.hostname.replace(/^\[|\]$/g, '') || 'localhost';
  const statementTimeout = whole('statement_timeout');
  const ssl = tls(get);
  return {
    connection: {
      host,
      port: Number(url.port || 5432),
      database,
      user: decodeURIComponent(url.username) || 'postgres',
      ...(url.password !== '' && { password: decodeURIComponent(url.password) }),
      ssl,
      application_name: get('application_name'),
      keepAlive: true,
      statement_timeout: statementTimeout,
      // A batch first acquires its locks, and must then see everything that was committed before that. So it sets the
      // isolation level instead of using the default of the database. If the connection is lost in the middle of a
      // batch, the server releases the locks within seconds.
      options:
        '-c default_transaction_isolation=read\\ committed -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=2',
    },
    pool: whole('pool'),
    statementTimeout,
    connectTimeout: whole('connect_timeout') * 1000,
  };
}

/**
 * Implements the TLS modes of libpq. `require` encrypts, `verify-ca` also checks who signed the certificate, and
 * `verify-full` also checks the name of the server.
 */
function tls(get: (name: Parameter) => string): NonNullable<ClientConfig['ssl']> {
  const file = (name: Parameter): string | undefined => (get(name) ? contentOf(name, get(name)) : undefined);
  const [ca, cert, key] = [file('sslrootcert'), file('sslcert'), file('sslkey')];
  const given = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  switch (get('sslmode')) {
    case 'disable':
      return false;
    case 'require':
      return { ...given, rejectUnauthorized: false };
    case 'verify-ca':
      return { ...given, checkServerIdentity: () => undefined };
    case 'verify-full':
      return given;
    default:
      throw new WrongSetting(
        `The database URL's 'sslmode' must be disable, require, verify-ca or verify-full, not '${get('sslmode')}'.`,
      );
  }
}

function contentOf(name: Parameter, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new WrongSetting(`The file in the database URL's '${name}' cannot be read: ${(error as Error).message}.`);
  }
}
