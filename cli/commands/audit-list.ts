import type { Definition } from '../command.ts';
import { AUDIT_HELP, AUDIT_OPTIONS, whole } from '../options.ts';
import type { AuditFilters } from '../remote/audit.ts';

export const auditList: Definition<AuditFilters & { limit: number }> = {
  path: 'audit list',
  description: 'List who did what, when and from where, the latest first',
  define: (command) => {
    command.argument('[tenant]', 'tenant whose log to read; default the log of everything, for operators');
    for (const [flags, description] of AUDIT_OPTIONS) command.option(flags, description);
    command.option('--limit <number>', 'most entries to list', whole, 100).addHelpText('after', AUDIT_HELP);
  },
  call: async (remote, { args: [tenant], options: { limit, ...filters } }) => {
    const { readAudit } = await import('../remote/audit.ts');
    const { table } = await import('../terminal/table.ts');
    const { items, isPartial } = await readAudit(remote, tenant, filters, limit);
    const rows = items.map(({ at, actor, actorName, action, target, remote }) => [
      at,
      actorName ?? actor,
      action,
      target,
      remote,
    ]);
    const text = table(['time', 'actor', 'action', 'target', 'from'], rows);
    const rest = isPartial ? '\n\nThere are more entries; list them with a larger --limit.' : '';
    return { text: text + rest, json: { items, ...(isPartial && { isPartial }) } };
  },
};
