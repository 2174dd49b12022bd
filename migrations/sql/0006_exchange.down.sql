DROP TABLE import_mappings, case_packages;
