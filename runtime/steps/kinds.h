/* The kinds themselves, and what several of them share. Only for the files of this folder. */
#ifndef RUNTIME_STEPS_KINDS_H
#define RUNTIME_STEPS_KINDS_H

#include "runtime/run.h"
#include "runtime/steps/kind.h"

extern const struct step_kind kind_assets_clear;
extern const struct step_kind kind_check_http;
extern const struct step_kind kind_check_log;
extern const struct step_kind kind_check_modules;
extern const struct step_kind kind_check_rows;
extern const struct step_kind kind_check_sql;
extern const struct step_kind kind_command;
extern const struct step_kind kind_database_backup;
extern const struct step_kind kind_database_copy;
extern const struct step_kind kind_database_drop;
extern const struct step_kind kind_database_rename;
extern const struct step_kind kind_database_restore;
extern const struct step_kind kind_filestore_check;
extern const struct step_kind kind_filestore_copy;
extern const struct step_kind kind_filestore_merge;
extern const struct step_kind kind_filestore_rename;
extern const struct step_kind kind_hop_openupgrade;
extern const struct step_kind kind_manual;
extern const struct step_kind kind_modules_install;
extern const struct step_kind kind_modules_merge;
extern const struct step_kind kind_modules_rename;
extern const struct step_kind kind_modules_uninstall;
extern const struct step_kind kind_modules_update;
extern const struct step_kind kind_neutralize;
extern const struct step_kind kind_preflight;
extern const struct step_kind kind_python;
extern const struct step_kind kind_rules_reset;
extern const struct step_kind kind_service_start;
extern const struct step_kind kind_service_stop;
extern const struct step_kind kind_settings_config;
extern const struct step_kind kind_settings_crons;
extern const struct step_kind kind_settings_mail_servers;
extern const struct step_kind kind_settings_parameters;
extern const struct step_kind kind_settings_records;
extern const struct step_kind kind_sql;
extern const struct step_kind kind_views_apply;
extern const struct step_kind kind_views_reset;
extern const struct step_kind kind_wait;

enum step_nature nature_repeatable(const struct value *spec);

#endif
