import { deliver } from '../mail/deliver.ts';
import type { Job } from './job.ts';

/** Sends the messages of the queue. */
export const sendMail: Job = {
  name: 'send-mail',
  interval: ({ mailInterval }) => mailInterval,
  async run(services, signal) {
    const { transport } = services.mail;
    if (transport !== undefined) await deliver(services, transport, signal);
  },
};
