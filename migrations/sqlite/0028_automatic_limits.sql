ALTER TABLE `automatic_name` ADD `attached` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `automatic_name` ADD `counted_at` integer;--> statement-breakpoint
ALTER TABLE `automatic_name` ADD `domain` text;--> statement-breakpoint
ALTER TABLE `automatic_name` ADD `method` text;