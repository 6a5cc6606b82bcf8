import { readFileSync } from 'node:fs';
import type { ClientConfig } from 'pg';

export interface PostgresConfig {
  connection: ClientConfig;
  /** The size of this process's pool of connections. */
  pool: number;
  /** Milliseconds; also bounds how long a statement waits for a lock. */
  statementTimeout: number;
  /** Milliseconds to wait for a connection, whether new or from the pool. */
  connectTimeout: number;
}

const EXAMPLE = 'postgres://user:password@host:5432/database?sslmode=verify-full';
const PARAMETERS = {
  pool: '10',
  /** Milliseconds, like PostgreSQL's own setting. */
  statement_timeout: '5000',
  /** Seconds, like libpq's own setting. */
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
 * Reads `postgres://…`. Parameters have the names that libpq gives them.
 *
 * @throws Error that says what was expected; it never contains the password
 */
export function readPostgresUrl(text: string): PostgresConfig {
  const url = URL.parse(text);
  const database = url ? decodeURIComponent(url.pathname.slice(1)) : '';
  if (!url || !/^postgres(ql)?:$/.test(url.protocol) || database === '' || database.includes('/'))
    throw new Error(`The database URL is not one of PostgreSQL: write ${EXAMPLE}.`);
  for (const name of url.searchParams.keys()) {
    if (name in PARAMETERS) continue;
    const known = Object.keys(PARAMETERS).join(', ');
    throw new Error(`The database URL has a parameter '${name}' that is not known: write any of ${known}.`);
  }
  const get = (name: Parameter) => url.searchParams.get(name) ?? PARAMETERS[name];
  const whole = (name: Parameter): number => {
    if (/^[1-9]\d{0,8}$/.test(get(name))) return Number(get(name));
    throw new Error(`The database URL's '${name}' must be a whole number above 0, not '${get(name)}'.`);
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
      // After its locks, a batch must see everything that was committed before it got them, whatever the default of the
      // database is. If the connection is lost in the middle of a batch, the server releases its locks within seconds.
      options:
        '-c default_transaction_isolation=read\\ committed -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=2',
    },
    pool: whole('pool'),
    statementTimeout,
    connectTimeout: whole('connect_timeout') * 1000,
  };
}

/**
 * libpq's modes: `require` encrypts, `verify-ca` also checks who signed the certificate, `verify-full` also checks the
 * server's name.
 */
function tls(get: (name: Parameter) => string): NonNullable<ClientConfig['ssl']> {
  const file = (name: Parameter): string | undefined => (get(name) ? readFileSync(get(name), 'utf8') : undefined);
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
      throw new Error(
        `The database URL's 'sslmode' must be disable, require, verify-ca or verify-full, not '${get('sslmode')}'.`,
      );
  }
}
