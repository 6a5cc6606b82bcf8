import type { Settings } from '../settings.ts';
import { transportOf } from './configured.ts';
import type { Transport } from './transport.ts';

/** The schemes of the transports that only Node has. */
const NOT_LOADED = { 'smtp:': undefined, 'smtps:': undefined, 'file:': undefined };

/**
 * Creates the transport of `GATEHOUSE_MAIL` on Node. nodemailer is loaded only when it is needed.
 *
 * @returns undefined when no mail is configured
 * @throws WrongSetting
 */
export async function nodeTransport(settings: Settings): Promise<Transport | undefined> {
  const scheme = /^\w+:/.exec(settings.mail ?? '')?.[0];
  if (scheme === 'smtp:' || scheme === 'smtps:') {
    const { smtp } = await import('./smtp.node.ts');
    return transportOf(settings, { ...NOT_LOADED, 'smtp:': smtp, 'smtps:': smtp });
  }
  if (scheme === 'file:') {
    const { folder } = await import('./folder.node.ts');
    return transportOf(settings, { ...NOT_LOADED, 'file:': folder });
  }
  return transportOf(settings, NOT_LOADED);
}
