DROP TABLE scenario_unreached;
