const REASONS: Record<string, string> = {
  EADDRINUSE: 'another process uses this port',
  EADDRNOTAVAIL: 'this machine does not have the address',
  EACCES: 'permission is denied (ports below 1024 need root)',
};

/**
 * Makes the error of a program that cannot listen.
 *
 * @param setting the setting that has the address, with its option
 * @param cause the error of Node's server
 */
export const notListening = (address: string, setting: string, cause: Error & { code?: string }): Error =>
  new Error(
    `cannot listen on ${address}: ${REASONS[cause.code ?? ''] ?? cause.message}. Choose another address with ${setting}.`,
    {
      cause,
    },
  );
