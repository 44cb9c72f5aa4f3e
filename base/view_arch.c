#include "base/view_arch.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <limits.h>
#include <string.h>

#include "base/memory.h"

/* lxml's own defaults, but for messages on standard error, and for entities: nobody needs their own
 * in a view, and they could name files of this machine. */
#define OPTIONS                                                                                    \
    (XML_PARSE_NOCDATA | XML_PARSE_NONET | XML_PARSE_BIG_LINES | XML_PARSE_NOERROR |               \
     XML_PARSE_NOWARNING)

static uint32_t fault_number(int number)
{
    return number > 0 ? (uint32_t)number : 0;
}

/* What libxml2 says of one text. */
struct listening {
    struct arena *arena;
    struct view_fault fault; /* the first, which the others mostly follow from */
};

/* Before libxml2 2.12 the type has no const. */
// NOLINTNEXTLINE(readability-non-const-parameter)
static void listening_take(void *context, xmlError *error)
{
    const xmlParserCtxt *parser = context;
    struct listening *listening = parser->_private;
    struct view_fault *fault = &listening->fault;
    if (fault->message || error->level < XML_ERR_ERROR || !error->message)
        return;
    *fault = (struct view_fault){.line = fault_number(error->line),
                                 .column = fault_number(error->int2),
                                 .message = arena_copy_bytes(listening->arena, error->message,
                                                             strcspn(error->message, "\r\n"))};
}

static struct view_fault fault_of_type(const char *text)
{
    const char *type = strstr(text, "<!DOCTYPE");
    uint32_t line = 1;
    for (const char *at = text; type && at < type; at++)
        line += *at == '\n';
    return (struct view_fault){.line = line,
                               .message = "it declares a document type, which views do not have"};
}

static void root_strip(xmlNodePtr root)
{
    static const char *const columns[] = {"model", "type", "priority"};
    if (strcmp((const char *)root->name, "data") != 0)
        return;
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        (void)xmlUnsetProp(root, (const xmlChar *)columns[i]);
}

static const char *root_write(struct arena *arena, xmlDocPtr document, xmlNodePtr root)
{
    /* As lxml: or other characters than ASCII's would be numbers in attributes. */
    if (!document->encoding)
        document->encoding = memory_check(xmlStrdup((const xmlChar *)"UTF-8"));
    xmlOutputBufferPtr output = memory_check(xmlAllocOutputBuffer(NULL));
    xmlNodeDumpOutput(output, document, root, 0, 0, NULL);
    const char *text = arena_copy_bytes(arena, (const char *)xmlOutputBufferGetContent(output),
                                        xmlOutputBufferGetSize(output));
    (void)xmlOutputBufferClose(output);
    return text;
}

const char *view_arch_normalize(struct arena *arena, const char *text, struct view_fault *fault)
{
    const char *written = NULL;
    size_t length = strlen(text);
    struct listening listening = {.arena = arena};
    xmlParserCtxtPtr parser = memory_check(xmlNewParserCtxt());
    parser->_private = &listening;
    parser->sax->serror = (xmlStructuredErrorFunc)listening_take;
    xmlDocPtr document = length <= INT_MAX
                             ? xmlCtxtReadMemory(parser, text, (int)length, NULL, NULL, OPTIONS)
                             : NULL;
    xmlNodePtr root = document && parser->nsWellFormed ? xmlDocGetRootElement(document) : NULL;
    if (document && document->intSubset) {
        listening.fault = fault_of_type(text);
    } else if (root) {
        root_strip(root);
        written = root_write(arena, document, root);
    } else if (!listening.fault.message) {
        listening.fault.message = "it cannot be read";
    }
    *fault = listening.fault;
    xmlFreeDoc(document);
    xmlFreeParserCtxt(parser);
    return written;
}
