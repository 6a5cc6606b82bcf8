ALTER TABLE `fleet` ADD `drains` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `fleet_tenant` ON `fleet` (`tenant`);--> statement-breakpoint
ALTER TABLE `node` ADD `other_acked` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `node` ADD `other_live` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `node` ADD `other_agent` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `node` ADD `drain` text;