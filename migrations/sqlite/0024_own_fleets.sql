ALTER TABLE `fleet` ADD `managed_by` text;--> statement-breakpoint
ALTER TABLE `node` ADD `process` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `node` ADD `former_process` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `node` ADD `contested_at` integer;--> statement-breakpoint
ALTER TABLE `node` ADD `drained_at` integer;