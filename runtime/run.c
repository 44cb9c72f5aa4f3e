#include "runtime/run.h"

struct session_target run_target(const struct run *run, const struct database_address *address,
                                 const char *database)
{
    return (struct session_target){.url = address->url,
                                   .password = address->password,
                                   .database = database,
                                   .application_name = run->application_name};
}
