CREATE TABLE `plan` (
	`name` text PRIMARY KEY NOT NULL,
	`description` text NOT NULL,
	`quotas` text NOT NULL,
	`created_at` integer NOT NULL,
	`version` integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE `tenant` ADD `plan` text DEFAULT 'default' NOT NULL;--> statement-breakpoint
ALTER TABLE `guard` ADD `quota` integer DEFAULT 0 NOT NULL;