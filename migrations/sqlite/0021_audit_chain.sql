CREATE TABLE `audit_end` (
	`chain` text PRIMARY KEY NOT NULL,
	`number` integer NOT NULL,
	`previous` text NOT NULL,
	`hash` text NOT NULL,
	`oldest` integer DEFAULT 1 NOT NULL
);
--> statement-breakpoint
ALTER TABLE `tenant` ADD `audit_number` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tenant` ADD `audit_previous` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `tenant` ADD `audit_hash` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `tenant` ADD `audit_oldest` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `audit` ADD `chain` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `audit` ADD `number` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `audit` ADD `previous` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `audit` ADD `hash` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `audit` ADD `diff` text;--> statement-breakpoint
CREATE UNIQUE INDEX `audit_chain` ON `audit` (`chain`,`number`) WHERE "chain" <> '';