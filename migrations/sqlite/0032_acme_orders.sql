CREATE TABLE `acme_order` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant` text NOT NULL,
	`domain` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `acme_order_at` ON `acme_order` (`at`);--> statement-breakpoint
ALTER TABLE `automatic_name` DROP COLUMN `counted_at`;--> statement-breakpoint
ALTER TABLE `automatic_name` DROP COLUMN `domain`;