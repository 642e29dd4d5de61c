"""How often people say a word to an assistant, and how often to one another.

Counted in 25,422 requests of public sets (CLINC150, HWU64, Snips, Thingpedia, Home Assistant) and 24,128 lines of talk
written for this project, by `finetune/learn/newcomers.py`: statistics, no sentences.
"""

from __future__ import annotations

_COUNTED = """
a,18,-2 ab,68,-30 able,62,-30 about,40,4 accent,63,-12 accepted,75,-26 account,37,-30 accounts,66,-30 activate,66,-30
activities,74,-27 activity,63,-30 add,37,-22 added,70,4 address,65,-30 africa,71,-30 after,64,19 afternoon,73,13
again,57,15 age,70,1 ago,73,18 ah,90,39 ahead,62,-6 ai,51,-30 air,60,-6 airlines,62,-30 airport,61,-5 alarm,47,9
alarms,63,-24 album,54,-7 alert,62,-30 alerts,60,-30 all,43,6 allow,72,-29 allowed,71,-2 almond,73,-21 already,68,11
alright,84,32 alto,73,-28 always,81,41 am,38,-10 amazon,67,-10 america,57,-30 american,56,-30 amex,61,-30
amount,53,-30 an,38,-2 and,31,8 angeles,68,-10 animated,66,-30 another,60,5 answer,57,-12 any,40,-8 anymore,74,7
anyone,71,16 anything,61,2 app,71,3 apple,64,-10 apples,71,-14 application,55,-24 apply,60,-4 appointment,59,-18
appreciate,71,-29 approved,62,-30 apr,55,-30 april,60,-22 are,30,-7 area,59,-30 around,54,1 arrive,65,-10
artist,59,-30 as,52,8 ask,56,8 asked,82,30 assist,71,-29 assistance,68,-30 assistant,73,16 at,29,1 atlanta,74,-16
audiobook,71,-8 august,73,-10 aunt,95,40 austin,73,-1 australia,75,-12 available,58,-9 average,73,-28 aware,72,-29
away,66,8 b,68,-26 baby,73,25 back,55,14 bad,61,5 bake,75,-26 balance,56,-10 band,84,30 bank,42,-12 bar,63,-12
bathroom,71,6 battery,59,-8 be,34,-11 beach,71,3 beatles,72,-29 because,69,22 bed,85,32 bedroom,56,-23 beef,71,-14
been,50,2 before,52,10 begin,72,-29 being,64,-30 believe,77,25 benefits,63,-30 best,52,-1 better,75,13 between,52,-13
big,70,13 bill,43,-14 bills,65,-29 bing,66,-30 birth,70,-30 birthday,63,10 bit,73,16 black,64,-23 block,65,-30
blocked,71,-30 blue,65,0 blues,75,-19 board,74,-27 bob,69,-25 book,38,-14 booked,71,-29 born,65,-8 boss,65,12
boston,69,-10 bot,69,-30 boys,88,33 brasserie,69,-30 brazil,71,-19 bread,67,7 brightness,64,-30 bring,66,10
british,64,-16 brooklyn,75,-26 brother,79,25 buffalo,74,-27 build,74,4 burger,70,-30 bus,60,9 busy,64,2 but,62,18
buy,56,3 by,40,-4 bye,75,-26 cable,64,-30 cake,67,9 calendar,47,-7 call,45,2 called,53,-3 calling,71,9 calorie,71,-30
calories,57,-15 came,79,26 can,24,-15 canada,64,-26 cancel,53,-14 capital,62,-14 car,37,-6 card,30,-29 carl,74,-27
carrots,73,-12 carry,55,-4 cars,73,-1 cash,64,-2 cat,61,12 cats,68,-1 centimeters,72,-29 central,73,-15 change,39,-20
changed,55,-12 changes,71,-6 changing,69,-30 channel,75,12 charge,66,3 charged,67,-3 chase,52,-30 check,46,-11
checkbooks,64,-30 checked,69,6 checking,54,-30 checks,60,-30 cheese,67,-4 chicago,60,-20 chicken,57,-18 chili,71,-2
chillier,75,-26 china,69,-14 chinese,61,-8 chocolate,72,-18 chris,68,-26 christmas,75,17 chronicle,71,-30
cinema,63,-20 cineplex,75,-26 citibank,74,-27 city,55,-8 clean,68,4 cleaner,65,-30 cleaning,67,-23 clear,63,-8
clock,68,14 close,58,1 closed,67,4 closest,58,-30 coffee,58,-14 coin,56,-20 cold,69,9 color,63,-30 com,69,1 come,64,19
comes,82,28 coming,65,-2 command,70,-30 company,62,-30 complaint,68,-30 complete,72,-29 computer,68,9
conditions,74,-27 confirm,56,-15 connect,68,-3 contact,62,-30 contacts,68,-30 content,68,-30 conversion,71,-30
convert,63,-6 converter,64,-30 cook,59,-12 cool,74,0 coordinates,64,-30 corporation,74,-27 correct,65,-30 cost,74,-2
could,47,1 count,73,-28 country,60,-30 cream,64,-8 create,60,-30 created,72,-29 credit,35,-30 cup,71,-30 cups,74,-27
current,42,-30 currently,60,-30 curtain,74,-13 curtains,73,-21 customer,74,2 d,46,0 dad,74,27 dallas,63,-13
damaged,72,-29 dan,74,10 dance,73,9 dark,75,18 date,47,-30 dates,71,-30 dave,74,-27 day,48,2 days,47,-4 de,69,-10
deactivate,73,-28 dead,64,-14 death,75,-10 debit,73,-28 december,75,-5 declined,57,-30 decrease,69,-30 define,67,-30
definition,63,-30 delete,58,-13 delivered,70,-7 delivery,68,7 delta,60,-30 denver,64,-13 deposit,55,-17
describe,71,-29 destination,73,-28 details,71,-29 devices,71,-30 dial,75,6 dice,57,-17 did,45,12 didn,69,24 die,70,-2
difference,74,-27 different,64,-23 dim,70,-30 dinner,55,4 direct,55,-16 directions,72,1 disconnect,69,-5
discover,60,-9 dishes,74,14 distance,71,-30 divided,73,3 dl,68,-30 do,25,-14 doctor,68,11 does,39,-8 doesn,74,15
dog,63,19 dogs,71,-8 doing,63,-2 dollar,64,-30 dollars,52,0 dolores,71,-30 don,53,11 done,74,5 dont,74,-27 door,56,11
doors,72,-22 dot,72,4 down,56,12 downtown,69,-2 drive,65,12 due,55,-30 during,74,11 each,72,11 earned,71,-30
east,74,-27 eat,56,-6 eggs,68,-1 eight,62,6 either,70,-30 electric,63,-18 else,71,-12 email,51,-5 emails,63,-12
engine,69,-16 england,70,-17 english,67,-30 enjoy,71,-2 enough,60,1 entertainment,73,-28 episode,66,5 er,101,45
erase,71,-29 essay,65,-30 euro,71,-30 euros,68,-30 evening,70,10 event,60,-30 events,58,-30 ever,90,38 every,63,15
everybody,95,43 everyone,95,44 everything,65,6 everywhere,74,-2 exact,71,-30 exactly,68,-7 exchange,58,-30
expect,66,-30 expiration,67,-30 expire,64,-30 expires,68,-14 explain,66,-4 express,63,-30 extra,73,-21 facebook,62,-10
fact,61,-30 factory,59,-30 facts,67,-30 false,69,-30 family,74,18 fan,68,1 fans,74,-4 far,60,-7 fargo,64,-13 fast,71,1
faster,69,-30 father,85,31 favorite,65,5 favorites,74,-27 february,65,-22 federal,66,-30 fee,73,-28 feel,74,5
fees,60,-30 female,69,-1 fifty,74,24 figure,66,-30 fill,73,2 film,82,29 films,63,-16 find,35,-9 finding,75,-26
first,54,4 five,52,6 flight,46,-9 flights,68,3 flip,57,-16 floor,60,-8 florida,73,-10 fm,68,4 following,72,-29
food,53,-8 for,19,-5 forecast,50,-11 forget,76,23 form,61,-30 forty,82,28 four,55,6 france,66,-19 francisco,63,-12
fraud,71,-29 fraudulent,60,-30 free,64,7 freeze,72,-29 freezer,72,-29 french,60,-2 friday,58,-4 fridge,62,-1
friend,71,15 from,30,-8 front,71,15 frozen,66,-21 fuel,60,-30 full,73,12 fun,58,-16 funny,63,-4 gallon,70,-30
game,56,2 garage,75,18 garden,63,-5 gas,48,-26 german,74,8 germany,72,-22 get,32,-8 gets,71,12 getting,64,1 give,41,-6
given,72,-29 gmail,74,-27 go,40,-2 goes,66,18 going,46,-5 gold,75,-6 gone,74,19 good,44,-4 goodbye,68,-8 google,62,-9
got,54,17 gotta,69,-30 gps,62,-30 grandma,90,40 great,63,0 green,71,5 grill,75,-26 groceries,73,-15 grocery,65,-22
groove,75,-26 group,74,7 guy,90,41 guys,90,39 had,63,20 half,66,17 hall,74,-5 hand,82,28 happened,75,5
happening,65,-30 happy,70,14 hark,101,45 has,47,1 have,30,-6 hawaii,73,-17 he,72,43 heads,69,-30 health,61,-30
healthy,69,-30 hear,51,4 heard,75,19 hello,62,11 help,43,-6 her,70,35 here,48,0 hey,59,14 hi,71,20 high,63,-8
highest,74,-27 highly,68,-30 highway,69,-30 him,71,29 his,77,39 history,73,-28 hits,74,-2 hobbies,61,-30 hold,63,6
holiday,60,4 home,52,7 hot,65,7 hotel,58,-9 hour,60,7 hours,63,2 house,52,3 houston,68,-22 how,23,-14 human,66,-30
humidity,70,-30 hundred,62,12 hurt,74,-20 i,13,-8 ice,70,8 id,74,-27 idea,68,8 if,38,-6 ihop,75,-26 im,74,-27
immediately,71,-29 improve,72,-29 in,20,-4 inbox,74,-27 inches,66,-7 include,72,-29 income,60,-30 increase,55,-30
increased,75,-26 india,75,-12 indian,75,-26 indie,70,-24 info,62,-30 inform,63,-30 information,59,-30
ingredients,59,-30 instead,62,-4 instructions,67,-30 insurance,50,-12 interest,55,-30 interesting,70,-30
international,57,-30 internet,73,2 into,57,11 iphone,73,-28 is,19,-9 island,74,-3 islands,71,-23 isn,77,29 it,31,9
italian,64,-30 italy,69,-18 item,68,-2 items,66,-24 its,71,-29 james,72,-22 january,66,-15 japan,70,-17
japanese,74,-27 jazz,69,-25 jim,71,-30 job,61,3 joe,71,6 john,61,-26 joke,56,3 jokes,66,-30 july,68,-3 jump,57,-26
june,63,-15 just,55,9 k,54,-30 keep,63,5 keeps,95,44 kevin,73,-28 kids,74,33 kind,52,-30 kinds,67,-30 king,70,3
kitchen,55,-5 know,33,-19 korea,72,-18 kqed,73,-28 la,63,-9 lake,74,13 lamp,62,8 land,74,0 language,60,-12 las,66,-14
last,44,2 lastfm,74,-27 late,71,19 lately,71,-30 later,66,-16 latest,56,-14 laundry,67,5 learn,74,-4 least,74,-4
leave,65,23 leaving,74,12 left,57,15 let,45,0 lets,73,-28 level,60,-16 liberty,74,-27 life,53,-16 light,46,-1
lighting,74,-20 lights,42,-7 like,35,-1 limit,49,-30 lisa,74,-27 list,34,-8 listed,75,-26 listen,63,6 listening,71,7
lists,70,-24 little,67,-1 live,66,0 living,54,-28 ll,62,18 lobster,71,-30 local,64,-30 locate,61,-15 located,75,-26
location,50,-30 lock,72,9 locked,70,0 london,69,-9 long,42,-13 longer,70,-30 look,52,5 looked,71,8 looking,61,-21
looks,74,4 los,65,-13 lost,51,1 lot,67,7 louder,72,-29 love,59,16 low,64,-30 lower,66,-30 luggage,54,-18 lunch,71,21
m,44,7 macaroni,72,-29 machine,72,2 made,57,6 mail,64,-3 mailed,67,-30 main,73,-17 maintenance,68,-30 make,40,-15
making,67,-13 male,61,-6 mall,69,-2 man,72,15 many,40,-22 map,70,-4 march,49,-30 mark,70,10 market,68,-1 mary,72,-22
master,73,-14 mastercard,61,-30 mate,101,45 math,75,-5 maximum,75,-26 may,56,-8 maybe,74,-1 mcdonalds,73,-28 me,19,-8
meal,61,-30 mean,65,-4 meaning,55,-30 means,70,-2 media,69,-30 meet,72,1 meeting,48,-8 meetings,57,-30 message,65,6
metal,69,-18 mexican,68,-30 mexico,62,-12 miami,66,-19 michael,74,-27 might,73,13 mileage,72,-29 miles,62,2 milk,58,-9
mind,71,15 minimum,58,-30 minute,61,5 minutes,56,12 missing,74,-27 mission,71,-29 mode,57,-26 mom,64,1 moment,72,-5
monday,60,1 money,53,0 monitor,75,-19 month,54,-19 months,71,-30 more,49,-3 morning,58,12 most,61,-4 mother,77,27
mountain,73,-3 move,68,16 movie,46,-27 movies,53,-30 mpg,61,-30 much,41,-13 mum,101,45 music,46,-5 must,60,6
mute,67,-13 my,14,-9 name,42,-22 named,73,-28 nashville,74,-8 national,65,-4 navy,75,-8 nd,68,-19 near,56,-2
nearby,63,-8 nearest,58,-19 nearly,90,40 need,28,-29 needed,68,-7 needing,73,-28 needs,61,-2 neighborhood,69,-30
neighbours,101,45 netflix,72,-3 never,84,44 new,37,-8 news,49,4 next,40,-5 nice,66,6 night,68,22 nine,63,10
ninety,74,16 no,54,10 nobody,101,45 noon,65,-8 north,70,-12 not,47,7 note,78,27 notify,65,-30 novel,63,-30
november,74,-20 now,40,0 number,46,-19 nutrition,67,-30 nutritional,67,-30 ny,72,-29 o,66,1 of,23,-5 off,38,5
office,63,7 oh,74,35 oil,45,-27 ok,68,18 okay,70,32 old,60,7 olive,63,-20 olly,62,-30 on,21,-1 once,66,15 one,42,7
ones,74,-27 online,67,7 only,66,18 ons,66,-24 onto,67,-30 open,52,4 opens,73,0 or,48,1 order,45,-13 ordered,75,4
original,66,-30 orlando,71,-12 other,67,11 ounces,72,-29 our,63,28 out,39,-1 outback,69,-30 outside,71,20 over,57,13
overhead,74,-27 owe,65,0 own,70,9 pacific,74,-27 package,67,-12 paid,61,-10 painting,71,4 pair,74,3 palo,73,-28
pandora,73,-28 paris,66,-12 park,58,-3 party,57,-12 past,74,10 pasta,71,-5 pay,47,-15 paycheck,57,-30 payday,74,-27
paying,69,-30 payment,56,-30 people,52,2 per,68,-3 percent,68,1 person,57,-30 pesos,73,-28 pet,71,-29 pets,60,-30
phoenix,68,-22 phone,46,-4 photograph,70,-30 pick,68,2 picture,63,4 pictures,73,8 pie,68,-6 pin,55,-30
pittsburgh,74,-16 pizza,55,-12 place,50,-8 placed,72,-29 places,68,0 plan,55,-18 play,35,-11 played,71,19 player,73,8
playing,48,-1 playlist,39,-18 please,27,-7 plug,55,-30 plugs,73,-28 plus,71,12 pm,46,-9 podcast,62,-5 point,63,5
points,47,-30 policy,63,-30 pop,73,-28 popular,70,-30 pork,73,-28 position,75,-26 possible,57,-30 post,60,-5
pot,74,-27 potato,72,-29 potatoes,74,3 pounds,67,15 power,68,-11 prefer,74,-27 prepare,75,-26 pressure,60,-16
previous,73,-1 price,60,-2 procedure,74,-27 process,65,-30 processed,70,-30 programmed,74,-27 provide,68,-30
pto,53,-30 pub,68,7 pull,67,3 punk,73,-14 purchase,66,-30 purchases,75,-26 purpose,74,8 put,44,-3 question,74,2
questions,69,2 quiet,74,-5 radio,57,13 rain,65,15 raise,68,-26 ran,73,14 random,67,-30 rate,42,-25 rated,61,-30
rating,58,-30 ratings,67,-30 rd,64,-21 re,65,24 read,57,6 real,63,-19 really,63,7 reason,69,3 receive,69,-30
received,75,-26 recent,62,-30 recently,64,-30 recipe,57,-7 recommend,65,-8 recommended,73,-28 record,74,22 red,54,-1
redeem,66,-30 refer,67,-30 remaining,74,-27 remember,61,14 remind,59,5 reminded,84,30 reminder,53,-30 reminders,63,-30
remove,54,-30 reno,74,-27 rent,62,-2 rental,62,-30 repeat,60,-13 replace,63,-30 replaced,67,-30 replacement,65,-30
reply,74,7 report,50,-20 request,51,-30 require,68,-30 required,68,-30 reservation,43,-29 reservations,52,-30
reserve,60,-6 reset,66,-14 respond,74,-27 response,66,-30 restaurant,44,-23 restaurants,57,-30 restrictions,71,-30
resume,71,-23 return,73,7 returning,70,-30 reviews,57,-30 reward,68,-30 rewards,56,-30 rice,72,-3 ride,71,1 right,48,8
ring,85,33 road,71,8 roast,74,-27 robin,64,-30 robot,73,6 rock,62,-16 roll,55,-21 rollover,60,-30 room,47,-11
rooms,71,-30 root,71,-30 round,75,5 roundtrip,71,-29 route,69,-30 routing,54,-30 rubles,75,-26 rules,74,-27 run,71,10
running,71,5 russia,69,-30 russian,75,-26 s,27,3 safe,66,-30 saga,65,-30 said,62,21 salad,75,-26 salary,71,-30
salt,70,6 sam,73,5 san,59,-12 sarah,73,8 saturday,64,10 save,65,2 saved,64,-30 savings,57,-9 say,49,4 saying,73,14
schedule,47,-24 scheduled,58,-30 schedules,60,-30 school,79,29 score,50,-29 search,55,-9 seattle,67,-6 second,68,9
seconds,71,14 see,50,-3 send,49,-7 sensor,71,-29 sensors,71,-30 sent,71,8 series,63,-30 serves,66,-30 service,64,-26
serving,74,-27 set,39,-7 setting,64,-4 settings,55,-30 seven,59,2 share,60,-2 shark,74,-20 she,77,45 shop,63,7
shopping,47,-17 shots,60,-30 should,43,-5 show,40,-8 showing,63,-10 shuffle,74,-27 shut,69,7 sided,62,-10 since,60,-1
sister,79,26 six,60,5 skip,65,-30 slow,66,-4 slower,72,-29 smart,66,-7 so,50,19 social,71,-30 socket,60,-30
soda,73,-14 some,43,-3 somebody,82,32 someone,60,2 something,56,-1 somewhere,71,-29 song,40,-5 songs,60,-30 soon,59,-5
sorry,71,6 sort,71,-30 sound,66,-3 soundtrack,68,-30 soup,71,3 south,66,-23 southern,75,-26 southwest,69,-30
spaghetti,70,-24 spain,69,-25 spanish,63,-5 speak,57,-12 speaker,65,6 speakers,69,-1 speaking,69,6 specific,71,-29
speech,69,-30 speed,68,-30 spell,59,-30 spelling,74,-27 spend,62,-1 spending,66,-30 spent,61,-1 spot,65,-30
spotify,65,-30 square,68,-22 st,58,-23 star,68,-9 starbucks,67,-30 stars,53,-9 start,48,-3 starting,70,-30
state,57,-30 statement,75,-26 states,69,-30 station,62,2 status,51,-30 stay,70,9 steak,71,-29 steakhouse,64,-30
steps,66,-8 steve,68,3 still,66,20 stock,59,-30 stolen,61,-5 stop,56,9 stopped,90,37 store,68,6 story,77,26
street,67,8 subjects,71,-29 submit,74,-20 substitute,68,-30 sugar,71,-6 suggest,63,-30 suggestion,71,-30
suggestions,71,-30 sunday,73,17 supposed,74,-27 sure,61,-18 sushi,67,-9 swap,75,-26 switch,50,0 t,45,17 table,50,-1
taco,71,-29 tails,65,-30 take,42,-3 takeaway,68,-8 taken,64,-1 takeout,73,-28 takes,67,5 talk,57,6 talking,65,3
tampa,69,-30 tank,70,-30 target,67,-30 tartine,74,-27 task,74,-27 tasks,74,-27 tax,62,-5 taxes,56,-30 taxi,63,0
teaspoons,75,-19 television,70,14 tell,30,-17 temperature,57,-12 ten,56,7 text,54,-3 textbook,64,-30 th,49,-23
thai,74,-2 thailand,74,-20 than,65,-4 thank,63,4 thanks,64,8 that,34,9 the,12,4 theater,74,-27 theaters,74,-27
theatre,67,-10 theatres,57,-30 their,72,21 them,55,9 theme,74,-27 then,77,36 there,39,3 they,55,25 thing,70,16
things,51,-13 think,54,5 third,72,15 thirty,65,10 this,32,0 those,82,28 thousand,72,18 three,57,7 through,57,7
thursday,68,8 ticket,55,-5 tickets,74,13 time,38,4 timer,52,3 times,56,8 timezone,55,-30 tire,63,-30 tires,48,-30
title,71,-29 titled,75,-26 to,13,-6 today,43,-5 todo,61,-30 tokyo,74,-4 told,81,34 tom,67,4 tomorrow,50,-4
tonight,60,13 too,66,17 took,77,24 top,61,-12 total,58,-30 tourist,69,-30 town,69,7 track,53,-11 traffic,49,-11
trailer,74,-27 train,51,1 transaction,55,-24 transactions,59,-30 transfer,60,-10 translate,66,13 travel,50,-26
traveling,61,-30 travelling,66,-30 triggered,74,-27 trip,62,4 trivia,66,-12 truck,73,-7 true,63,-20 try,68,10
trying,69,6 tuesday,62,2 tune,59,3 turn,37,-2 turned,76,30 tv,55,2 tweet,62,-12 tweets,75,-26 twelve,71,17
twenty,62,11 twitter,64,-11 two,51,14 type,57,-30 types,67,-30 u,71,1 uber,52,-23 uh,84,33 uk,73,-28 um,101,45
under,57,2 understand,70,-1 union,73,-28 united,62,-30 until,56,-2 up,40,4 update,61,-12 updates,73,-28 us,61,24
usd,73,-28 use,45,-30 used,60,9 using,61,-30 vacation,47,-30 vaccinations,71,-29 vacuum,60,-16 value,69,-30 ve,59,9
vegas,65,-15 vehicle,72,-29 very,69,-4 video,69,13 visa,45,-30 visit,66,-7 voice,57,-7 volume,50,-14 w,55,-30
wait,60,-4 wake,67,2 walk,69,14 walking,74,-5 walmart,67,-30 wanna,59,-30 want,35,-12 wanted,73,9 wants,82,33
warm,68,0 was,43,13 washington,71,-9 watch,65,17 water,59,-2 way,53,3 ways,69,-30 we,57,31 weather,42,-5 wedding,85,34
wednesday,67,7 week,53,4 weekend,68,17 weeks,67,-11 well,71,23 wells,64,-30 wemo,69,-30 went,79,32 were,55,12
west,73,2 what,18,-14 whats,57,-30 when,35,3 where,39,-2 whether,70,10 which,50,0 while,71,21 whisper,56,-30
white,70,1 who,47,6 whole,78,25 why,50,9 wild,74,-16 will,34,-12 window,88,33 wings,74,-27 wish,68,-12 with,36,2
within,68,-30 without,81,29 woman,82,32 won,78,28 word,61,10 work,51,2 working,68,3 workout,74,-2 world,67,-2
worth,71,-3 would,38,-3 write,74,19 wrong,73,18 x,67,-1 yeah,73,18 yeap,74,-27 year,56,2 years,65,6 yen,66,-30
yes,62,-13 yesterday,60,-2 yet,61,1 york,54,-18 you,20,0 your,39,9 yourself,71,-6 youtube,70,-2 zero,63,-22
zone,70,-30 zoo,74,-27
"""
"""Word, ten times the logarithm of 1 / its share of requests, ten times that of talk / requests."""

RAREST = 8.0
"""What a word weighs that is not in the table."""

WEIGHT: dict[str, float] = {}
"""Word -> log(1 / the share of requests that hold it): 1.2 for "the"."""
TALK: dict[str, float] = {}
"""Word -> log(its share of talk / its share of requests): below 0 where it asks for something."""
for _entry in _COUNTED.split():
    _word, _weight, _talk = _entry.split(",")
    WEIGHT[_word], TALK[_word] = int(_weight) / 10, int(_talk) / 10
