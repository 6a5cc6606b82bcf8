ALTER TABLE `node` ADD `ahead` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `node` ADD `behind` text DEFAULT '[]' NOT NULL;