DROP INDEX `automatic_name_due`;--> statement-breakpoint
ALTER TABLE `automatic_name` ADD `queue` text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE INDEX `automatic_name_due` ON `automatic_name` (`queue`,`due_at`,`tenant`,`name`);