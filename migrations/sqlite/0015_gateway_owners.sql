CREATE TABLE `gateway_owner` (
	`tenant` text NOT NULL,
	`owner` text NOT NULL,
	PRIMARY KEY(`tenant`, `owner`)
);
--> statement-breakpoint
CREATE INDEX `gateway_owner_owner` ON `gateway_owner` (`owner`);--> statement-breakpoint
INSERT INTO `gateway_owner` (`tenant`, `owner`)
SELECT DISTINCT v.`tenant`, substr(g.value, 1, instr(g.value, '/') - 1)
FROM `resource_version` v, json_each(CASE WHEN json_valid(v.`spec`) THEN v.`spec` ELSE '{}' END, '$.gateways') g
WHERE v.`kind` = 'route' AND v.`to_revision` IS NULL AND instr(g.value, '/') > 0;
