CREATE TABLE `endpoint_health` (
	`fleet` text NOT NULL,
	`node` text NOT NULL,
	`tenant` text NOT NULL,
	`upstream` text NOT NULL,
	`subset` text NOT NULL,
	`endpoints` text NOT NULL,
	`reported_at` integer NOT NULL,
	PRIMARY KEY(`fleet`, `node`, `tenant`, `upstream`, `subset`)
);
--> statement-breakpoint
CREATE INDEX `endpoint_health_upstream` ON `endpoint_health` (`tenant`,`upstream`);