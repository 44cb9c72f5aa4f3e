/* The yardstick for `drehbuch check`: libyaml alone reads a file and drops every event.
 *
 * usage: libyaml_drain FILE */
#include <stdio.h>
#include <yaml.h>

/* Returns whether the whole file was read. */
static int drain(FILE *file)
{
    yaml_parser_t parser;
    yaml_event_t event;
    if (!yaml_parser_initialize(&parser))
        return 0;
    yaml_parser_set_input_file(&parser, file);
    int good = 1;
    int ended = 0;
    while (good && !ended) {
        good = yaml_parser_parse(&parser, &event);
        ended = good && event.type == YAML_STREAM_END_EVENT;
        if (good)
            yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return good;
}

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (!file) {
        fprintf(stderr, "usage: libyaml_drain FILE\n");
        return 2;
    }
    int good = drain(file);
    fclose(file);
    return good ? 0 : 1;
}
