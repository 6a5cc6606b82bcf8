import type { Job } from './job.ts';

const DAY = 24 * 60 * 60 * 1000;

/** Obtains and renews the certificates with `acme`. */
export const obtainCertificates: Job = {
  name: 'obtain-certificates',
  interval: ({ acmeDirectory, acmeInterval }) => (acmeDirectory === undefined ? DAY : acmeInterval),
  async run(services, signal) {
    const { acmeDirectory } = services.settings;
    if (acmeDirectory === undefined) return;
    const { obtain } = await import('../acme/run.ts');
    await obtain(services, acmeDirectory, signal);
  },
};
