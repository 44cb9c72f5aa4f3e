/* What is valid by JSON Schema 2020-12, keyword by keyword.
 *
 * The situations are those of the public JSON-Schema-Test-Suite (draft2020-12) for the keywords
 * that base/schema.h covers. JSON is written with ' for ". */
#ifndef TESTS_UNIT_SCHEMA_CASES_H
#define TESTS_UNIT_SCHEMA_CASES_H

struct schema_case {
    const char *about;
    const char *schema;
    const char *valid;   /* an array of values */
    const char *invalid; /* another */
};

/* clang-format off */
static const struct schema_case schema_cases[] = {
    /* Boolean schemas */
    {"true allows all", "true", "[1,'a',true,null,{},{'a':1},[],[1]]", "[]"},
    {"false allows none", "false", "[]", "[1,'a',true,false,null,{},{'a':1},[],[1]]"},
    {"an empty schema allows all", "{}", "[1,1.5,'a',true,null,{},[]]", "[]"},

    /* type */
    {"integer", "{'type':'integer'}", "[1,0,-7,1.0,1e3,9223372036854775807]", "[1.1,'a','1',{},[],true,null]"},
    {"number", "{'type':'number'}", "[1,1.0,1.1,-2.5e-3]", "['a','1',{},[],true,null]"},
    {"string", "{'type':'string'}", "['a','1','','ü']", "[1,1.1,{},[],true,null]"},
    {"object", "{'type':'object'}", "[{},{'a':1}]", "[1,1.1,'a',[],true,null]"},
    {"array", "{'type':'array'}", "[[],[1]]", "[1,1.1,'a',{},true,null]"},
    {"boolean", "{'type':'boolean'}", "[true,false]", "[1,0,1.1,'a','','true',{},[],null]"},
    {"null", "{'type':'null'}", "[null]", "[1,0,1.1,'','a',{},[],true,false]"},
    {"several types", "{'type':['integer','string']}", "[1,'a']", "[1.1,{},[],true,null]"},
    {"a list of one type", "{'type':['string']}", "['a']", "[1]"},
    {"array or object", "{'type':['array','object']}", "[[1,2],{'a':1}]", "[1,'a',null]"},
    {"array, object or null", "{'type':['array','object','null']}", "[[1],{'a':1},null]", "[1,'a']"},
    {"a whole number is a number too", "{'type':['number']}", "[1,2.5]", "['x']"},

    /* const */
    {"a number", "{'const':2}", "[2,2.0]", "[5,'a','2']"},
    {"an object, its members in any order", "{'const':{'a':1,'b':2}}", "[{'a':1,'b':2},{'b':2,'a':1}]", "[{'a':1},{'a':1,'b':2,'c':3},[1,2],{'a':1,'b':3},{'a':1,'c':2}]"},
    {"an array, its items in order", "{'const':['x','y']}", "[['x','y']]", "[['y','x'],['x'],['x','y','z'],{}]"},
    {"an array of objects", "{'const':[{'a':'b'}]}", "[[{'a':'b'}]]", "[2,[1,2,3],[{'a':'c'}]]"},
    {"null", "{'const':null}", "[null]", "[0,'',false]"},
    {"false is not 0", "{'const':false}", "[false]", "[0,0.0,null,'']"},
    {"true is not 1", "{'const':true}", "[true]", "[1,1.0,'true']"},
    {"[false] is not [0]", "{'const':[false]}", "[[false]]", "[[0],[0.0]]"},
    {"[true] is not [1]", "{'const':[true]}", "[[true]]", "[[1],[1.0]]"},
    {"{a: false} is not {a: 0}", "{'const':{'a':false}}", "[{'a':false}]", "[{'a':0},{'a':0.0}]"},
    {"{a: true} is not {a: 1}", "{'const':{'a':true}}", "[{'a':true}]", "[{'a':1},{'a':1.0}]"},
    {"0 is also 0.0 and -0.0", "{'const':0}", "[0,0.0,-0.0]", "[false,{},[],'']"},
    {"1 is also 1.0", "{'const':1}", "[1,1.0,1e0]", "[true,'1']"},
    {"-2.0 is also -2", "{'const':-2.0}", "[-2,-2.0]", "[2,2.0,-2.00001]"},
    {"beyond what a double can tell", "{'const':9007199254740993}", "[9007199254740993]", "[9007199254740992,9007199254740992.0]"},
    {"a double that is an integer", "{'const':9007199254740992}", "[9007199254740992,9007199254740992.0]", "[9007199254740991,9007199254740991.0]"},
    {"a string", "{'const':'é'}", "['é']", "['e','é ','É']"},

    /* enum */
    {"some numbers", "{'enum':[1,2,3]}", "[1,3,2.0]", "[4,'1']"},
    {"values of all kinds", "{'enum':[6,'a',[],true,{'a':12}]}", "[[],6,true,{'a':12},'a']", "[null,{'a':false},{'a':12,'b':42},[1],'']"},
    {"with null", "{'enum':[6,null]}", "[null,6]", "['test',0]"},
    {"in properties", "{'type':'object','properties':{'a':{'enum':['a']},'b':{'enum':['b']}},'required':['b']}", "[{'a':'a','b':'b'},{'b':'b'}]", "[{'a':'ax','b':'b'},{'a':'a','b':'bx'},{'a':'a'},{}]"},
    {"escaped characters", "{'enum':['a\\nb','a\\rb']}", "['a\\nb','a\\rb']", "['abc','a b']"},
    {"false is not 0", "{'enum':[false]}", "[false]", "[0,0.0]"},
    {"[false] is not [0]", "{'enum':[[false]]}", "[[false]]", "[[0],[0.0]]"},
    {"true is not 1", "{'enum':[true]}", "[true]", "[1,1.0]"},
    {"[true] is not [1]", "{'enum':[[true]]}", "[[true]]", "[[1],[1.0]]"},
    {"0 is not false", "{'enum':[0]}", "[0,0.0]", "[false]"},
    {"[0] is not [false]", "{'enum':[[0]]}", "[[0],[0.0]]", "[[false]]"},
    {"1 is not true", "{'enum':[1]}", "[1,1.0]", "[true]"},
    {"[1] is not [true]", "{'enum':[[1]]}", "[[1],[1.0]]", "[[true]]"},
    {"an empty list allows nothing", "{'enum':[]}", "[]", "[1,'a',null]"},

    /* minimum, maximum, exclusiveMinimum, exclusiveMaximum */
    {"minimum", "{'minimum':1.1}", "[2.6,1.1,'x',null,[]]", "[0.6,1,-1]"},
    {"a negative minimum", "{'minimum':-2}", "[-1,0,-2,-2.0,'x']", "[-2.0001,-3,-9223372036854775808]"},
    {"maximum", "{'maximum':3.0}", "[2.6,3.0,3,'x']", "[3.5,4]"},
    {"a whole maximum", "{'maximum':300}", "[299.97,300,300.00]", "[300.5,301]"},
    {"exclusiveMinimum", "{'exclusiveMinimum':1.1}", "[1.2,2,'x']", "[1.1,0.6,1]"},
    {"exclusiveMaximum", "{'exclusiveMaximum':3.0}", "[2.2,2,'x']", "[3.0,3,3.5,4]"},
    {"64 bits against a double", "{'maximum':9007199254740992.0}", "[9007199254740992,9007199254740991]", "[9007199254740993,9223372036854775807]"},
    {"the greatest integer", "{'exclusiveMaximum':9223372036854775807}", "[9223372036854775806]", "[9223372036854775807,9223372036854775808.0,1e300]"},
    {"the least integer", "{'minimum':-9223372036854775808}", "[-9223372036854775808,-9223372036854775808.0,0]", "[-1e300]"},
    {"a huge double", "{'minimum':-1e300}", "[-9223372036854775808,0,1e300]", "[-1.1e300]"},
    {"all at once", "{'minimum':1,'maximum':5,'exclusiveMinimum':1,'exclusiveMaximum':5}", "[2,4.9]", "[1,5,0,6]"},

    /* multipleOf */
    {"of a whole number", "{'multipleOf':2}", "[10,0,-4,4.0,'x']", "[7,1,2.5]"},
    {"of a fraction", "{'multipleOf':1.5}", "[0,4.5,3,-1.5]", "[35,1]"},
    {"of a small fraction", "{'multipleOf':0.0001}", "[0.0075,1,0.0001]", "[0.00751,0.00005]"},
    {"of a hundredth", "{'multipleOf':0.01}", "[0.01,19.99,4.35,1.13,0.07,100]", "[0.001,19.999]"},
    {"a huge number", "{'type':'integer','multipleOf':0.123456789}", "[]", "[1e308]"},
    {"a huge number in halves", "{'type':'integer','multipleOf':0.5}", "[1e308]", "[]"},
    {"of very little", "{'type':'integer','multipleOf':1e-8}", "[12391239123]", "[]"},
    {"64 bits", "{'multipleOf':3}", "[9223372036854775806]", "[9223372036854775807]"},

    /* minLength, maxLength: characters, not bytes */
    {"minLength", "{'minLength':2}", "['abc','ab',1,'\\ud83d\\udca9x','éé']", "['a','','\\ud83d\\udca9','é']"},
    {"minLength as a real", "{'minLength':2.0}", "['abc']", "['a']"},
    {"maxLength", "{'maxLength':2}", "['a','ab','',100,'\\ud83d\\udca9\\ud83d\\udca9','éé']", "['abc','ééé']"},
    {"maxLength as a real", "{'maxLength':2.0}", "['a']", "['abc']"},
    {"maxLength 0", "{'maxLength':0}", "['']", "['a']"},
    {"both", "{'minLength':1,'maxLength':1}", "['ü','x']", "['','xx']"},

    /* pattern */
    {"anchored", "{'pattern':'^a*$'}", "['aaa','',true,123,1.0,{},[],null]", "['abc','aaa\\n']"},
    {"not anchored", "{'pattern':'a+'}", "['xxaayy']", "['xxyy','']"},
    {"a literal beyond ASCII", "{'pattern':'^π$'}", "['π']", "['p','ππ']"},
    {"a dot is a character", "{'pattern':'^.$'}", "['π','\\ud83d\\udca9','x']", "['','xy']"},
    {"digits are ASCII", "{'pattern':'^\\\\d$'}", "['0','9']", "['߀','x']"},
    {"words are ASCII", "{'pattern':'^\\\\w+$'}", "['a_1']", "['é','a-b']"},
    {"escapes of ECMA", "{'pattern':'^\\\\u00e9$'}", "['é']", "['e','u00e9']"},
    {"a class of anything", "{'pattern':'^[^]$'}", "['a','\\n']", "['','ab']"},
    {"properties", "{'pattern':'^\\\\p{L}+$'}", "['Hello','π']", "['123']"},
    {"lookahead", "{'pattern':'^(?!x)'}", "['a']", "['xa']"},
    {"repetition of alternatives", "{'pattern':'^(a|b){2,3}$'}", "['ab','bab']", "['a','abab','ac']"},

    /* format, where we have one */
    {"date", "{'format':'date'}", "['1963-06-19','2020-02-29','2000-02-29',1,null,{}]", "['2021-02-29','1900-02-29','1963-13-01','1963-00-01','1963-01-00','1963-01-32','1963-04-31','06/19/1963','1963-6-19','1963-06-19x','','2013-350','1963-06-1৪']"},
    {"date-time", "{'format':'date-time'}", "['1963-06-19T08:30:06.283185Z','1963-06-19t08:30:06z','1990-12-31T15:59:50.123-08:00','1937-01-01T12:00:27.87+00:20','1998-12-31T23:59:60Z','1998-12-31T15:59:60.123-08:00']", "['1998-12-31T23:59:61Z','1998-12-31T23:58:60Z','1990-02-31T15:59:59.123-08:00','1990-12-31T15:59:59-24:00','1963-06-19T08:30:06.28123+01:00Z','2013-350T01:01:01','1963-06-19T08:30:06','1963-06-19','1963-06-19 08:30:06Z','06/19/1963 08:30:06 PST','1963-06-19T24:00:00Z','']"},
    {"time", "{'format':'time'}", "['08:30:06Z','23:59:60Z','23:59:60+00:00','01:29:60+01:30','08:30:06.283185Z','08:30:06-08:00']", "['008:030:006Z','8:3:6Z','24:00:00Z','00:60:00Z','00:00:61Z','22:59:60Z','01:02:03+24:00','01:02:03+00:60','01:02:03Z+00:30','08:30:06','12:00:00.Z','12:00:00.5']"},
    {"uri", "{'format':'uri'}", "['http://a.b/c?d=e#f','https://[2001:db8::7]/x','urn:oasis:names','mailto:a@b.example','postgresql:///acme','http://a.b/%41']", "['/abc','abc','','://x','http://a b','http://a.b/%zz','http://a.b/\\\\x','http://a.b/<x>','1http://a','http://é']"},
    {"regex", "{'format':'regex'}", "['([abc])+\\\\s+$','']", "['^(abc]','*','[a']"},
    {"odoo-version", "{'format':'odoo-version'}", "['14.0','19.0',18]", "['18','13.0','20.0','18.0 ','saas~17.1','']"},
    {"time-span", "{'format':'time-span'}", "['90s','15m','6h','250ms','0s']", "['90','s','1.5h','-1s','1 h','','99999999999999999999s']"},
    {"byte-size", "{'format':'byte-size'}", "['20GB','512MB','1TB','64KB','100B']", "['20','GB','20gb','1.5GB','9999999999TB','']"},
    {"range", "{'format':'range'}", "['0..500','1..','..9','7','-5..5']", "['..','','5..1','a..b','1...2','1..2..3','1 .. 2']"},

    /* items, prefixItems, contains, minItems, maxItems, uniqueItems */
    {"items", "{'items':{'type':'integer'}}", "[[1,2,3],[],{'a':'b'},{'0':'x','length':1},'abc']", "[[1,'x'],['x']]"},
    {"items true", "{'items':true}", "[[1,'a',true],[]]", "[]"},
    {"items false", "{'items':false}", "[[]]", "[[1,'a',true],[null]]"},
    {"items of items", "{'$defs':{'item':{'type':'array','items':false,'prefixItems':[{'$ref':'#/$defs/sub'},{'$ref':'#/$defs/sub'}]},'sub':{'type':'object','required':['a']}},'type':'array','items':false,'prefixItems':[{'$ref':'#/$defs/item'},{'$ref':'#/$defs/item'}]}", "[[[{'a':null},{'a':null}],[{'a':null},{'a':null}]],[[{'a':null}]],[]]", "[[[{'a':null}],[{'a':null}],[{'a':null}]],[[{'a':null},{'a':null},{'a':null}]],[{'a':null}],[[{}]]]"},
    {"nested items", "{'items':{'type':'array','items':{'type':'array','items':{'type':'number'}}}}", "[[[[1]],[[2],[3]]]]", "[[[['1']],[[2],[3]]],[[1],[2]]]"},
    {"prefixItems and no more", "{'prefixItems':[{},{},{}],'items':false}", "[[],[1],[1,2],[1,2,3]]", "[[1,2,3,4]]"},
    {"prefixItems elsewhere do not count", "{'allOf':[{'prefixItems':[{'minimum':3}]}],'items':{'minimum':5}}", "[[5,5]]", "[[3,5]]"},
    {"items begin behind prefixItems", "{'prefixItems':[{'type':'string'}],'items':{'type':'integer'}}", "[['x',2,3],['x']]", "[['x','y'],[1]]"},
    {"items of null", "{'items':{'type':'null'}}", "[[null]]", "[[0]]"},
    {"prefixItems", "{'prefixItems':[{'type':'integer'},{'type':'string'}]}", "[[1,'a'],[1],[],[1,'a',true],{'0':'x'}]", "[['a',1],['a'],[1,1]]"},
    {"prefixItems true and false", "{'prefixItems':[true,false]}", "[[1],[]]", "[[1,'a']]"},
    {"further items are free", "{'prefixItems':[{'type':'integer'}]}", "[[1,'a',false]]", "[['a']]"},
    {"contains", "{'contains':{'minimum':5}}", "[[3,4,5],[3,4,5,6],[5],{},'x']", "[[2,3,4],[]]"},
    {"contains a constant", "{'contains':{'const':5}}", "[[3,4,5],[5,5]]", "[[1,2,3,4]]"},
    {"contains true", "{'contains':true}", "[['a'],[null]]", "[[]]"},
    {"contains false", "{'contains':false}", "['no arrays',1]", "[['a'],[]]"},
    {"items and contains", "{'items':{'multipleOf':2},'contains':{'multipleOf':3}}", "[[6,12],[6]]", "[[2,4,8],[3,6,9],[1,5]]"},
    {"contains null", "{'contains':{'type':'null'}}", "[[null]]", "[[0]]"},
    {"contains what fits an if", "{'contains':{'if':false,'else':true}}", "[['a']]", "[[]]"},
    {"minItems", "{'minItems':1}", "[[1,2],[1],'',{}]", "[[]]"},
    {"minItems as a real", "{'minItems':1.0}", "[[1]]", "[[]]"},
    {"maxItems", "{'maxItems':2}", "[[1],[1,2],[],'foobar']", "[[1,2,3]]"},
    {"maxItems as a real", "{'maxItems':2.0}", "[[1]]", "[[1,2,3]]"},
    {"uniqueItems", "{'uniqueItems':true}", "[[1,2],[],[1],[1,true],[0,false],['a','b'],['1',1],[{'a':'b'},{'a':'c'}],[{'a':{'b':{'c':true}}},{'a':{'b':{'c':false}}}],[['a'],['b']],[[1],[true]],[[0],[false]],[[[1],'a'],[[true],'a']],[{},[1],true,null,1,'{}'],[{'a':false},{'a':0}],[{'a':true},{'a':1}],[[],{}],{'a':1},'aa']", "[[1,1],[1,2,1],[1.0,1.00,1],['a','b','a'],[{'a':'b'},{'a':'b'}],[{'a':'b','c':'d'},{'c':'d','a':'b'}],[{'a':{'b':{'c':true}}},{'a':{'b':{'c':true}}}],[['a'],['a']],[['a'],['b'],['a']],[{},[1],true,null,{},1],[null,null],[[],[]],[true,true],[{'a':1},{'a':1.0}]]"},
    {"uniqueItems of many", "{'uniqueItems':true}", "[[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30]]", "[[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,1]]"},
    {"uniqueItems false", "{'uniqueItems':false}", "[[1,1],[{},{}]]", "[]"},
    {"uniqueItems with items", "{'prefixItems':[{'type':'boolean'},{'type':'boolean'}],'uniqueItems':true,'items':false}", "[[false,true],[true,false]]", "[[false,false],[true,true],[false,true,null]]"},

    /* properties, patternProperties, additionalProperties, propertyNames */
    {"properties", "{'properties':{'a':{'type':'integer'},'b':{'type':'string'}}}", "[{'a':1,'b':'x'},{'c':[]},[],12,{}]", "[{'a':1,'b':{}},{'a':[],'b':{}}]"},
    {"properties with all others", "{'properties':{'foo':{'type':'array','maxItems':3},'bar':{'type':'array'}},'patternProperties':{'f.o':{'minItems':2}},'additionalProperties':{'type':'integer'}}", "[{'foo':[1,2]},{'fxo':[1,2]},{'bar':[]},{'quux':3}]", "[{'foo':[1,2,3,4]},{'foo':[]},{'fxo':[]},{'quux':'a'}]"},
    {"properties true and false", "{'properties':{'a':true,'b':false}}", "[{},{'a':1}]", "[{'b':2},{'a':1,'b':2}]"},
    {"properties with escapes", "{'properties':{'a\\nb':{'type':'number'},'a\\'b':{'type':'number'},'a\\\\b':{'type':'number'},'a\\tb':{'type':'number'}}}", "[{'a\\nb':1,'a\\'b':1,'a\\\\b':1,'a\\tb':1}]", "[{'a\\nb':'1'},{'a\\'b':'1'},{'a\\\\b':'1'},{'a\\tb':'1'}]"},
    {"properties of null", "{'properties':{'a':{'type':'null'}}}", "[{'a':null}]", "[{'a':0}]"},
    {"properties with names of JavaScript", "{'properties':{'__proto__':{'type':'number'},'toString':{'properties':{'length':{'type':'string'}}},'constructor':{'type':'number'}}}", "[{},[],12,{'__proto__':12,'toString':{'length':'x'},'constructor':37}]", "[{'__proto__':'x'},{'toString':{'length':37}},{'constructor':{'length':37}}]"},
    {"patternProperties", "{'patternProperties':{'f.*o':{'type':'integer'}}}", "[{'foo':1},{'foo':1,'foooooo':2},['foo'],'foo',12,{'x':'y'}]", "[{'foo':'bar','fooooo':2},{'foo':'bar','foooooo':'baz'}]"},
    {"several patterns at once", "{'patternProperties':{'a*':{'type':'integer'},'aaa*':{'maximum':20}}}", "[{'a':21},{'aaaa':18},{'a':21,'aaaa':18}]", "[{'a':'bar'},{'aaaa':31},{'aaa':'foo','aaaa':31}]"},
    {"patterns are not anchored and see case", "{'patternProperties':{'[0-9]{2,}':{'type':'boolean'},'X_':{'type':'string'}}}", "[{'answer 1':'42'},{'a_x_3':3}]", "[{'a31b':null},{'a_X_3':3}]"},
    {"patterns true and false", "{'patternProperties':{'f.*':true,'b.*':false}}", "[{'foo':1},{}]", "[{'bar':2},{'foo':1,'bar':2},{'foobar':1}]"},
    {"additionalProperties false", "{'properties':{'a':{},'b':{}},'patternProperties':{'^v':{}},'additionalProperties':false}", "[{'a':1},[1,2,3],'abc',12,{'a':1,'vroom':2}]", "[{'a':1,'b':2,'quux':'boom'}]"},
    {"patterns beyond ASCII", "{'patternProperties':{'^á':{}},'additionalProperties':false}", "[{'ármányos':2}]", "[{'élmény':2}]"},
    {"additionalProperties of a schema", "{'properties':{'a':{},'b':{}},'additionalProperties':{'type':'boolean'}}", "[{'a':1},{'a':1,'b':2,'c':true}]", "[{'a':1,'b':2,'c':12}]"},
    {"additionalProperties alone", "{'additionalProperties':{'type':'boolean'}}", "[{'a':true},{}]", "[{'a':1}]"},
    {"additionalProperties sees no other branch", "{'allOf':[{'properties':{'a':{}}}],'additionalProperties':{'type':'boolean'}}", "[{'a':true,'b':true}]", "[{'a':1,'b':true}]"},
    {"additionalProperties of null", "{'additionalProperties':{'type':'null'}}", "[{'a':null}]", "[{'a':1}]"},
    {"propertyNames by length", "{'propertyNames':{'maxLength':3}}", "[{'f':{},'foo':{}},{},[1,2,3,4],'foobar',12]", "[{'foo':{},'foobar':{}}]"},
    {"propertyNames by pattern", "{'propertyNames':{'pattern':'^a+$'}}", "[{'a':{},'aa':{}},{}]", "[{'aaA':{}}]"},
    {"propertyNames true", "{'propertyNames':true}", "[{'a':1},{}]", "[]"},
    {"propertyNames false", "{'propertyNames':false}", "[{}]", "[{'a':1}]"},
    {"propertyNames by constant", "{'propertyNames':{'const':'a'}}", "[{'a':1},{}]", "[{'b':1}]"},
    {"propertyNames by enum", "{'propertyNames':{'enum':['a','b']}}", "[{'a':1},{'a':1,'b':1},{}]", "[{'c':1}]"},
    {"propertyNames with additionalProperties", "{'propertyNames':{'maxLength':5},'additionalProperties':{'type':'number'}}", "[{'apple':4}]", "[{'fig':2,'pear':'x'},{'banana':1}]"},

    /* required, dependentRequired, minProperties, maxProperties */
    {"required", "{'properties':{'a':{},'b':{}},'required':['a']}", "[{'a':1},[],'',12,null]", "[{'b':1},{}]"},
    {"nothing is required without it", "{'properties':{'a':{}}}", "[{}]", "[]"},
    {"required of none", "{'properties':{'a':{}},'required':[]}", "[{}]", "[]"},
    {"required with escapes", "{'required':['a\\nb','a\\'b','a\\\\b']}", "[{'a\\nb':1,'a\\'b':1,'a\\\\b':1}]", "[{'a\\nb':'1'}]"},
    {"required with names of JavaScript", "{'required':['__proto__','toString','constructor']}", "[12,[],{'__proto__':1,'toString':1,'constructor':1}]", "[{},{'__proto__':'x'}]"},
    {"required may be null", "{'required':['a']}", "[{'a':null}]", "[{'A':1}]"},
    {"dependentRequired", "{'dependentRequired':{'b':['a']}}", "[{},{'a':1},{'a':1,'b':2},['b'],'foobar',12]", "[{'b':2}]"},
    {"dependentRequired of none", "{'dependentRequired':{'b':[]}}", "[{},{'b':2},1]", "[]"},
    {"dependentRequired of several", "{'dependentRequired':{'c':['a','b']}}", "[{},{'a':1,'b':2},{'a':1,'b':2,'c':3}]", "[{'a':1,'c':2},{'b':1,'c':2},{'c':1}]"},
    {"dependentRequired with escapes", "{'dependentRequired':{'a\\nb':['a\\rb']}}", "[{'a\\nb':1,'a\\rb':2}]", "[{'a\\nb':1,'a':2}]"},
    {"minProperties", "{'minProperties':1}", "[{'a':1,'b':2},{'a':1},[],'',12]", "[{}]"},
    {"minProperties as a real", "{'minProperties':1.0}", "[{'a':1}]", "[{}]"},
    {"maxProperties", "{'maxProperties':2}", "[{'a':1},{'a':1,'b':2},[1,2,3],'foobar',12]", "[{'a':1,'b':2,'c':3}]"},
    {"maxProperties as a real", "{'maxProperties':2.0}", "[{'a':1}]", "[{'a':1,'b':2,'c':3}]"},
    {"maxProperties 0", "{'maxProperties':0}", "[{}]", "[{'a':1}]"},

    /* allOf */
    {"allOf", "{'allOf':[{'properties':{'b':{'type':'integer'}},'required':['b']},{'properties':{'a':{'type':'string'}},'required':['a']}]}", "[{'a':'x','b':2}]", "[{'a':'x'},{'b':2},{'a':'x','b':'y'}]"},
    {"allOf beside other keywords", "{'properties':{'b':{'type':'integer'}},'required':['b'],'allOf':[{'properties':{'a':{'type':'string'}},'required':['a']},{'properties':{'c':{'type':'null'}},'required':['c']}]}", "[{'a':'x','b':2,'c':null}]", "[{'a':'x','c':null},{'b':2,'c':null},{'a':'x','b':2},{'b':2}]"},
    {"allOf of bounds", "{'allOf':[{'maximum':30},{'minimum':20}]}", "[25,20,30]", "[35,19]"},
    {"allOf true", "{'allOf':[true,true]}", "['a']", "[]"},
    {"allOf with one false", "{'allOf':[true,false]}", "[]", "['a']"},
    {"allOf false", "{'allOf':[false,false]}", "[]", "['a']"},
    {"allOf of an empty schema", "{'allOf':[{}]}", "[1]", "[]"},
    {"allOf with the first one empty", "{'allOf':[{},{'type':'number'}]}", "[1]", "['a']"},
    {"allOf with the last one empty", "{'allOf':[{'type':'number'},{}]}", "[1]", "['a']"},
    {"allOf in allOf", "{'allOf':[{'allOf':[{'type':'null'}]}]}", "[null]", "[123]"},
    {"allOf, anyOf and oneOf together", "{'allOf':[{'multipleOf':2}],'anyOf':[{'multipleOf':3}],'oneOf':[{'multipleOf':5}]}", "[30,0]", "[1,5,3,15,2,10,6]"},

    /* anyOf */
    {"anyOf", "{'anyOf':[{'type':'integer'},{'minimum':2}]}", "[1,2.5,3,'x']", "[1.5]"},
    {"anyOf beside type", "{'type':'string','anyOf':[{'maxLength':2},{'minLength':4}]}", "['a','abcd']", "[3,'abc']"},
    {"anyOf true", "{'anyOf':[true,true]}", "['a']", "[]"},
    {"anyOf with one true", "{'anyOf':[true,false]}", "['a']", "[]"},
    {"anyOf false", "{'anyOf':[false,false]}", "[]", "['a']"},
    {"anyOf of objects", "{'anyOf':[{'properties':{'b':{'type':'integer'}},'required':['b']},{'properties':{'a':{'type':'string'}},'required':['a']}]}", "[{'b':2},{'a':'x'},{'a':'x','b':2}]", "[{'a':2,'b':'x'},{}]"},
    {"anyOf with an empty schema", "{'anyOf':[{'type':'number'},{}]}", "['a',123]", "[]"},
    {"anyOf in anyOf", "{'anyOf':[{'anyOf':[{'type':'null'}]}]}", "[null]", "[123]"},

    /* oneOf */
    {"oneOf", "{'oneOf':[{'type':'integer'},{'minimum':2}]}", "[1,2.5,'x']", "[3,1.5]"},
    {"oneOf beside type", "{'type':'string','oneOf':[{'minLength':2},{'maxLength':4}]}", "['abcde','a']", "[3,'abc']"},
    {"oneOf true", "{'oneOf':[true,true,true]}", "[]", "['a']"},
    {"oneOf with one true", "{'oneOf':[true,false,false]}", "['a']", "[]"},
    {"oneOf with two true", "{'oneOf':[true,true,false]}", "[]", "['a']"},
    {"oneOf false", "{'oneOf':[false,false,false]}", "[]", "['a']"},
    {"oneOf of objects", "{'oneOf':[{'properties':{'b':{'type':'integer'}},'required':['b']},{'properties':{'a':{'type':'string'}},'required':['a']}]}", "[{'b':2},{'a':'x'}]", "[{'a':'x','b':2},{'a':2,'b':'x'}]"},
    {"oneOf with an empty schema", "{'oneOf':[{'type':'number'},{}]}", "['a']", "[123]"},
    {"oneOf of required keys", "{'type':'object','oneOf':[{'required':['a','b']},{'required':['a','c']}]}", "[{'a':1,'b':2},{'a':1,'c':3}]", "[{'b':2},{'a':1,'b':2,'c':3},{'a':1}]"},
    {"oneOf with a missing optional key", "{'oneOf':[{'properties':{'b':true,'z':true},'required':['b']},{'properties':{'a':true},'required':['a']}]}", "[{'b':8},{'a':'x'}]", "[{'a':'x','b':8},{'z':'q'}]"},
    {"oneOf in oneOf", "{'oneOf':[{'oneOf':[{'type':'null'}]}]}", "[null]", "[123]"},

    /* not */
    {"not", "{'not':{'type':'integer'}}", "['a',1.5]", "[1,1.0]"},
    {"not several types", "{'not':{'type':['integer','boolean']}}", "['a']", "[1,true]"},
    {"not an object like this", "{'not':{'type':'object','properties':{'a':{'type':'string'}}}}", "[1,{'a':1}]", "[{'a':'b'},{}]"},
    {"a forbidden key", "{'properties':{'a':{'not':{}}}}", "[{'b':1,'c':2}]", "[{'a':1,'b':2}]"},
    {"not true", "{'not':true}", "[]", "['a',1,null]"},
    {"not false", "{'not':false}", "['a',1,null]", "[]"},
    {"not not", "{'not':{'not':{'type':'string'}}}", "['a']", "[1]"},

    /* if, then, else */
    {"if alone", "{'if':{'const':0}}", "[0,'hello']", "[]"},
    {"then alone", "{'then':{'const':0}}", "[0,'hello']", "[]"},
    {"else alone", "{'else':{'const':0}}", "[0,'hello']", "[]"},
    {"if and then", "{'if':{'exclusiveMaximum':0},'then':{'minimum':-10}}", "[-1,3,'x']", "[]"},
    {"then is asked for", "{'if':{'exclusiveMaximum':0},'then':{'minimum':-10}}", "[-10]", "[-100]"},
    {"if and else", "{'if':{'exclusiveMaximum':0},'else':{'multipleOf':2}}", "[-1,4]", "[3]"},
    {"if, then and else", "{'if':{'exclusiveMaximum':0},'then':{'minimum':-10},'else':{'multipleOf':2}}", "[-1,4]", "[-100,3]"},
    {"they do not see other branches", "{'allOf':[{'if':{'exclusiveMaximum':0}},{'then':{'minimum':-10}},{'else':{'multipleOf':2}}]}", "[-100,3]", "[]"},
    {"if true", "{'if':true,'then':{'const':'then'},'else':{'const':'else'}}", "['then']", "['else']"},
    {"if false", "{'if':false,'then':{'const':'then'},'else':{'const':'else'}}", "['else']", "['then']"},
    {"the order they stand in", "{'then':{'const':'yes'},'else':{'const':'other'},'if':{'maxLength':4}}", "['yes','other']", "['no','invalid']"},
    {"then false", "{'if':{'const':1},'then':false}", "[2]", "[1]"},

    /* $defs and $ref */
    {"to the root", "{'properties':{'a':{'$ref':'#'}},'additionalProperties':false}", "[{'a':false},{'a':{'a':false}}]", "[{'b':false},{'a':{'b':false}}]"},
    {"to an object beside", "{'properties':{'a':{'type':'integer'},'b':{'$ref':'#/properties/a'}}}", "[{'b':3}]", "[{'b':true}]"},
    {"to an array beside", "{'prefixItems':[{'type':'integer'},{'$ref':'#/prefixItems/0'}]}", "[[1,2]]", "[[1,'a']]"},
    {"escaped pointers", "{'$defs':{'tilde~field':{'type':'integer'},'slash/field':{'type':'integer'},'percent%field':{'type':'integer'}},'properties':{'t':{'$ref':'#/$defs/tilde~0field'},'s':{'$ref':'#/$defs/slash~1field'},'p':{'$ref':'#/$defs/percent%25field'}}}", "[{'s':123},{'t':123},{'p':123}]", "[{'s':'x'},{'t':'x'},{'p':'x'}]"},
    {"through several", "{'$defs':{'a':{'type':'integer'},'b':{'$ref':'#/$defs/a'},'c':{'$ref':'#/$defs/b'}},'$ref':'#/$defs/c'}", "[5]", "['a']"},
    {"beside other keywords", "{'$defs':{'r':{'type':'array'}},'properties':{'a':{'$ref':'#/$defs/r','maxItems':2}}}", "[{'a':[]},{'a':[1,2]}]", "[{'a':[1,2,3]},{'a':'x'}]"},
    {"a property of that name", "{'properties':{'$ref':{'type':'string'}}}", "[{'$ref':'a'}]", "[{'$ref':2}]"},
    {"a property of that name that has one", "{'properties':{'$ref':{'$ref':'#/$defs/s'}},'$defs':{'s':{'type':'string'}}}", "[{'$ref':'a'}]", "[{'$ref':2}]"},
    {"to true", "{'$ref':'#/$defs/b','$defs':{'b':true}}", "['a']", "[]"},
    {"to false", "{'$ref':'#/$defs/b','$defs':{'b':false}}", "[]", "['a']"},
    {"a tree", "{'$defs':{'node':{'type':'object','properties':{'value':{'type':'number'},'nodes':{'type':'array','items':{'$ref':'#/$defs/node'}}},'required':['value']}},'$ref':'#/$defs/node'}", "[{'value':1,'nodes':[{'value':1.1},{'value':2,'nodes':[{'value':2.1}]}]}]", "[{'value':1,'nodes':[{'value':'x'}]},{'value':1,'nodes':[{'value':2,'nodes':[{}]}]}]"},
    {"with a quote", "{'properties':{'a\\'b':{'$ref':'#/$defs/a%22b'}},'$defs':{'a\\'b':{'type':'number'}}}", "[{'a\\'b':1}]", "[{'a\\'b':'1'}]"},
    {"not inside of enum", "{'$defs':{'s':{'type':'string'}},'enum':[{'$ref':'#/$defs/s'}]}", "[{'$ref':'#/$defs/s'}]", "['text',{'type':'string'}]"},
    {"not inside of const", "{'const':{'$ref':'#/$defs/s'},'$defs':{'s':{'type':'string'}}}", "[{'$ref':'#/$defs/s'}]", "['text']"},
    {"an empty token", "{'$defs':{'':{'$defs':{'':{'type':'number'}}}},'allOf':[{'$ref':'#/$defs//$defs/'}]}", "[1]", "['a']"},
    {"the same one twice is no circle", "{'$defs':{'int':{'type':'integer'}},'allOf':[{'properties':{'a':{'$ref':'#/$defs/int'}}},{'additionalProperties':{'$ref':'#/$defs/int'}}]}", "[{'a':1}]", "[{'a':'x'}]"},
    {"definitions alone ask for nothing", "{'$defs':{'a':{'type':'integer'}}}", "[1,'a',null]", "[]"},
    {"a list through itself", "{'$ref':'#/$defs/l','$defs':{'l':{'anyOf':[{'type':'null'},{'type':'array','prefixItems':[{'type':'integer'},{'$ref':'#/$defs/l'}],'minItems':2,'items':false}]}}}", "[null,[1,null],[1,[2,[3,null]]]]", "[1,[1],[1,[2,[3,4]]],[1,[2]]]"},

    /* Annotations */
    {"they ask for nothing", "{'$schema':'https://json-schema.org/draft/2020-12/schema','$id':'https://a.example/s','title':'t','description':'d','default':1,'examples':[2],'deprecated':true,'$comment':'c','x-help':'h','x-diagnostic':'n'}", "[1,'a',null,{},[]]", "[]"},
    {"a default is not checked", "{'properties':{'a':{'type':'integer','default':[]}}}", "[{'a':13},{}]", "[{'a':'x'}]"},
};
/* clang-format on */

#endif
