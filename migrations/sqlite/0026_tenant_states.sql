ALTER TABLE `tenant` ADD `suspended_at` integer;--> statement-breakpoint
ALTER TABLE `tenant` ADD `suspended_reason` text;--> statement-breakpoint
ALTER TABLE `tenant` ADD `deleted_at` integer;