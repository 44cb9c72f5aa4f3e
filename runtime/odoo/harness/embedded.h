/* The Python files of this folder, inside the program: what drehbuch has Odoo's shell do. */
#ifndef RUNTIME_ODOO_HARNESS_EMBEDDED_H
#define RUNTIME_ODOO_HARNESS_EMBEDDED_H

/* Each runs from its first symbol up to its `_end` symbol; no NUL follows. */
extern const char harness_channel[], harness_channel_end[];
extern const char harness_session[], harness_session_end[];
extern const char harness_python[], harness_python_end[];
extern const char harness_records[], harness_records_end[];
extern const char harness_views[], harness_views_end[];
extern const char harness_modules[], harness_modules_end[];
extern const char harness_neutralize[], harness_neutralize_end[];
extern const char harness_survey[], harness_survey_end[];
extern const char harness_main[], harness_main_end[];

/* One of them, as `HARNESS_FILE(session)`. */
struct harness_file {
    const char *start;
    const char *end;
};
#define HARNESS_FILE(name) ((struct harness_file){harness_##name, harness_##name##_end})

#endif
