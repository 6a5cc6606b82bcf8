ALTER TABLE `enrolment` ADD `created_by` text;--> statement-breakpoint
ALTER TABLE `agent` ADD `enrolled_by` text;