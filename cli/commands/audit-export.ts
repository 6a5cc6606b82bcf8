import type { Definition } from '../command.ts';
import { AUDIT_HELP, AUDIT_OPTIONS, whole } from '../options.ts';
import type { AuditFilters } from '../remote/audit.ts';

export const auditExport: Definition<AuditFilters & { after?: number }> = {
  path: 'audit export',
  description: 'Print the audit log as JSON, one entry per line, the oldest first',
  define: (command) => {
    command.argument('[tenant]', 'tenant whose log to read; default the log of everything, for operators');
    for (const [flags, description] of AUDIT_OPTIONS) command.option(flags, description);
    command
      .option(
        '--after <number>',
        'only entries with higher numbers; continues an export of a tenant or a --chain',
        whole,
      )
      .addHelpText('after', AUDIT_HELP);
  },
  write: async (remote, { args: [tenant], options }) => {
    const { exportAudit } = await import('../remote/audit.ts');
    const { escapeHidden } = await import('../../model/values/hidden-characters.ts');
    const entries = await exportAudit(remote, tenant, options);
    // A file gets the bytes of the API. The JSON that a terminal gets has the same values.
    const decoded = new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>;
    const shown = process.stdout.isTTY ? entries.pipeThrough(decoded) : entries;
    for await (const chunk of shown)
      if (!process.stdout.write(typeof chunk === 'string' ? escapeHidden(chunk) : chunk))
        await new Promise((resolve) => process.stdout.once('drain', resolve));
  },
};
