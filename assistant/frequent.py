"""How often people say a word to an assistant.

Counted in 25,422 requests of public sets (CLINC150, HWU64, Snips, Thingpedia, Home Assistant) and 24,128 lines of talk
written for this project, by `finetune/frequent.py`: statistics, no sentences.
"""

from __future__ import annotations

_COUNTED = """
a,18 ab,68 able,62 about,40 accent,63 accepted,75 account,37 accounts,66 activate,66 activities,74 activity,63 add,37
added,70 address,65 africa,71 after,64 afternoon,73 again,57 age,70 ago,73 ah,90 ahead,62 ai,51 air,60 airlines,62
airport,61 alarm,47 alarms,63 album,54 alert,62 alerts,60 all,43 allow,72 allowed,71 almond,73 already,68 alright,84
alto,73 always,81 am,38 amazon,67 america,57 american,56 amex,61 amount,53 an,38 and,31 angeles,68 animated,66
another,60 answer,57 any,40 anymore,74 anyone,71 anything,61 app,71 apple,64 apples,71 application,55 apply,60
appointment,59 appreciate,71 approved,62 apr,55 april,60 are,30 area,59 around,54 arrive,65 artist,59 as,52 ask,56
asked,82 assist,71 assistance,68 assistant,73 at,29 atlanta,74 audiobook,71 august,73 aunt,95 austin,73 australia,75
available,58 average,73 aware,72 away,66 b,68 baby,73 back,55 bad,61 bake,75 balance,56 band,84 bank,42 bar,63
bathroom,71 battery,59 be,34 beach,71 beatles,72 because,69 bed,85 bedroom,56 beef,71 been,50 before,52 begin,72
being,64 believe,77 benefits,63 best,52 better,75 between,52 big,70 bill,43 bills,65 bing,66 birth,70 birthday,63 bit,73
black,64 block,65 blocked,71 blue,65 blues,75 board,74 bob,69 book,38 booked,71 born,65 boss,65 boston,69 bot,69 boys,88
brasserie,69 brazil,71 bread,67 brightness,64 bring,66 british,64 brooklyn,75 brother,79 buffalo,74 build,74 burger,70
bus,60 busy,64 but,62 buy,56 by,40 bye,75 cable,64 cake,67 calendar,47 call,45 called,53 calling,71 calorie,71
calories,57 came,79 can,24 canada,64 cancel,53 capital,62 car,37 card,30 carl,74 carrots,73 carry,55 cars,73 cash,64
cat,61 cats,68 centimeters,72 central,73 change,39 changed,55 changes,71 changing,69 channel,75 charge,66 charged,67
chase,52 check,46 checkbooks,64 checked,69 checking,54 checks,60 cheese,67 chicago,60 chicken,57 chili,71 chillier,75
china,69 chinese,61 chocolate,72 chris,68 christmas,75 chronicle,71 cinema,63 cineplex,75 citibank,74 city,55 clean,68
cleaner,65 cleaning,67 clear,63 clock,68 close,58 closed,67 closest,58 coffee,58 coin,56 cold,69 color,63 com,69 come,64
comes,82 coming,65 command,70 company,62 complaint,68 complete,72 computer,68 conditions,74 confirm,56 connect,68
contact,62 contacts,68 content,68 conversion,71 convert,63 converter,64 cook,59 cool,74 coordinates,64 corporation,74
correct,65 cost,74 could,47 count,73 country,60 cream,64 create,60 created,72 credit,35 cup,71 cups,74 current,42
currently,60 curtain,74 curtains,73 customer,74 d,46 dad,74 dallas,63 damaged,72 dan,74 dance,73 dark,75 date,47
dates,71 dave,74 day,48 days,47 de,69 deactivate,73 dead,64 death,75 debit,73 december,75 declined,57 decrease,69
define,67 definition,63 delete,58 delivered,70 delivery,68 delta,60 denver,64 deposit,55 describe,71 destination,73
details,71 devices,71 dial,75 dice,57 did,45 didn,69 die,70 difference,74 different,64 dim,70 dinner,55 direct,55
directions,72 disconnect,69 discover,60 dishes,74 distance,71 divided,73 dl,68 do,25 doctor,68 does,39 doesn,74 dog,63
dogs,71 doing,63 dollar,64 dollars,52 dolores,71 don,53 done,74 dont,74 door,56 doors,72 dot,72 down,56 downtown,69
drive,65 due,55 during,74 each,72 earned,71 east,74 eat,56 eggs,68 eight,62 either,70 electric,63 else,71 email,51
emails,63 engine,69 england,70 english,67 enjoy,71 enough,60 entertainment,73 episode,66 er,101 erase,71 essay,65
euro,71 euros,68 evening,70 event,60 events,58 ever,90 every,63 everybody,95 everyone,95 everything,65 everywhere,74
exact,71 exactly,68 exchange,58 expect,66 expiration,67 expire,64 expires,68 explain,66 express,63 extra,73 facebook,62
fact,61 factory,59 facts,67 false,69 family,74 fan,68 fans,74 far,60 fargo,64 fast,71 faster,69 father,85 favorite,65
favorites,74 february,65 federal,66 fee,73 feel,74 fees,60 female,69 fifty,74 figure,66 fill,73 film,82 films,63 find,35
finding,75 first,54 five,52 flight,46 flights,68 flip,57 floor,60 florida,73 fm,68 following,72 food,53 for,19
forecast,50 forget,76 form,61 forty,82 four,55 france,66 francisco,63 fraud,71 fraudulent,60 free,64 freeze,72
freezer,72 french,60 friday,58 fridge,62 friend,71 from,30 front,71 frozen,66 fuel,60 full,73 fun,58 funny,63 gallon,70
game,56 garage,75 garden,63 gas,48 german,74 germany,72 get,32 gets,71 getting,64 give,41 given,72 gmail,74 go,40
goes,66 going,46 gold,75 gone,74 good,44 goodbye,68 google,62 got,54 gotta,69 gps,62 grandma,90 great,63 green,71
grill,75 groceries,73 grocery,65 groove,75 group,74 guy,90 guys,90 had,63 half,66 hall,74 hand,82 happened,75
happening,65 happy,70 hark,101 has,47 have,30 hawaii,73 he,72 heads,69 health,61 healthy,69 hear,51 heard,75 hello,62
help,43 her,70 here,48 hey,59 hi,71 high,63 highest,74 highly,68 highway,69 him,71 his,77 history,73 hits,74 hobbies,61
hold,63 holiday,60 home,52 hot,65 hotel,58 hour,60 hours,63 house,52 houston,68 how,23 human,66 humidity,70 hundred,62
hurt,74 i,13 ice,70 id,74 idea,68 if,38 ihop,75 im,74 immediately,71 improve,72 in,20 inbox,74 inches,66 include,72
income,60 increase,55 increased,75 india,75 indian,75 indie,70 info,62 inform,63 information,59 ingredients,59
instead,62 instructions,67 insurance,50 interest,55 interesting,70 international,57 internet,73 into,57 iphone,73 is,19
island,74 islands,71 isn,77 it,31 italian,64 italy,69 item,68 items,66 its,71 james,72 january,66 japan,70 japanese,74
jazz,69 jim,71 job,61 joe,71 john,61 joke,56 jokes,66 july,68 jump,57 june,63 just,55 k,54 keep,63 keeps,95 kevin,73
kids,74 kind,52 kinds,67 king,70 kitchen,55 know,33 korea,72 kqed,73 la,63 lake,74 lamp,62 land,74 language,60 las,66
last,44 lastfm,74 late,71 lately,71 later,66 latest,56 laundry,67 learn,74 least,74 leave,65 leaving,74 left,57 let,45
lets,73 level,60 liberty,74 life,53 light,46 lighting,74 lights,42 like,35 limit,49 lisa,74 list,34 listed,75 listen,63
listening,71 lists,70 little,67 live,66 living,54 ll,62 lobster,71 local,64 locate,61 located,75 location,50 lock,72
locked,70 london,69 long,42 longer,70 look,52 looked,71 looking,61 looks,74 los,65 lost,51 lot,67 louder,72 love,59
low,64 lower,66 luggage,54 lunch,71 m,44 macaroni,72 machine,72 made,57 mail,64 mailed,67 main,73 maintenance,68 make,40
making,67 male,61 mall,69 man,72 many,40 map,70 march,49 mark,70 market,68 mary,72 master,73 mastercard,61 mate,101
math,75 maximum,75 may,56 maybe,74 mcdonalds,73 me,19 meal,61 mean,65 meaning,55 means,70 media,69 meet,72 meeting,48
meetings,57 message,65 metal,69 mexican,68 mexico,62 miami,66 michael,74 might,73 mileage,72 miles,62 milk,58 mind,71
minimum,58 minute,61 minutes,56 missing,74 mission,71 mode,57 mom,64 moment,72 monday,60 money,53 monitor,75 month,54
months,71 more,49 morning,58 most,61 mother,77 mountain,73 move,68 movie,46 movies,53 mpg,61 much,41 mum,101 music,46
must,60 mute,67 my,14 name,42 named,73 nashville,74 national,65 navy,75 nd,68 near,56 nearby,63 nearest,58 nearly,90
need,28 needed,68 needing,73 needs,61 neighborhood,69 neighbours,101 netflix,72 never,84 new,37 news,49 next,40 nice,66
night,68 nine,63 ninety,74 no,54 nobody,101 noon,65 north,70 not,47 note,78 notify,65 novel,63 november,74 now,40
number,46 nutrition,67 nutritional,67 ny,72 o,66 of,23 off,38 office,63 oh,74 oil,45 ok,68 okay,70 old,60 olive,63
olly,62 on,21 once,66 one,42 ones,74 online,67 only,66 ons,66 onto,67 open,52 opens,73 or,48 order,45 ordered,75
original,66 orlando,71 other,67 ounces,72 our,63 out,39 outback,69 outside,71 over,57 overhead,74 owe,65 own,70
pacific,74 package,67 paid,61 painting,71 pair,74 palo,73 pandora,73 paris,66 park,58 party,57 past,74 pasta,71 pay,47
paycheck,57 payday,74 paying,69 payment,56 people,52 per,68 percent,68 person,57 pesos,73 pet,71 pets,60 phoenix,68
phone,46 photograph,70 pick,68 picture,63 pictures,73 pie,68 pin,55 pittsburgh,74 pizza,55 place,50 placed,72 places,68
plan,55 play,35 played,71 player,73 playing,48 playlist,39 please,27 plug,55 plugs,73 plus,71 pm,46 podcast,62 point,63
points,47 policy,63 pop,73 popular,70 pork,73 position,75 possible,57 post,60 pot,74 potato,72 potatoes,74 pounds,67
power,68 prefer,74 prepare,75 pressure,60 previous,73 price,60 procedure,74 process,65 processed,70 programmed,74
provide,68 pto,53 pub,68 pull,67 punk,73 purchase,66 purchases,75 purpose,74 put,44 question,74 questions,69 quiet,74
radio,57 rain,65 raise,68 ran,73 random,67 rate,42 rated,61 rating,58 ratings,67 rd,64 re,65 read,57 real,63 really,63
reason,69 receive,69 received,75 recent,62 recently,64 recipe,57 recommend,65 recommended,73 record,74 red,54 redeem,66
refer,67 remaining,74 remember,61 remind,59 reminded,84 reminder,53 reminders,63 remove,54 reno,74 rent,62 rental,62
repeat,60 replace,63 replaced,67 replacement,65 reply,74 report,50 request,51 require,68 required,68 reservation,43
reservations,52 reserve,60 reset,66 respond,74 response,66 restaurant,44 restaurants,57 restrictions,71 resume,71
return,73 returning,70 reviews,57 reward,68 rewards,56 rice,72 ride,71 right,48 ring,85 road,71 roast,74 robin,64
robot,73 rock,62 roll,55 rollover,60 room,47 rooms,71 root,71 round,75 roundtrip,71 route,69 routing,54 rubles,75
rules,74 run,71 running,71 russia,69 russian,75 s,27 safe,66 saga,65 said,62 salad,75 salary,71 salt,70 sam,73 san,59
sarah,73 saturday,64 save,65 saved,64 savings,57 say,49 saying,73 schedule,47 scheduled,58 schedules,60 school,79
score,50 search,55 seattle,67 second,68 seconds,71 see,50 send,49 sensor,71 sensors,71 sent,71 series,63 serves,66
service,64 serving,74 set,39 setting,64 settings,55 seven,59 share,60 shark,74 she,77 shop,63 shopping,47 shots,60
should,43 show,40 showing,63 shuffle,74 shut,69 sided,62 since,60 sister,79 six,60 skip,65 slow,66 slower,72 smart,66
so,50 social,71 socket,60 soda,73 some,43 somebody,82 someone,60 something,56 somewhere,71 song,40 songs,60 soon,59
sorry,71 sort,71 sound,66 soundtrack,68 soup,71 south,66 southern,75 southwest,69 spaghetti,70 spain,69 spanish,63
speak,57 speaker,65 speakers,69 speaking,69 specific,71 speech,69 speed,68 spell,59 spelling,74 spend,62 spending,66
spent,61 spot,65 spotify,65 square,68 st,58 star,68 starbucks,67 stars,53 start,48 starting,70 state,57 statement,75
states,69 station,62 status,51 stay,70 steak,71 steakhouse,64 steps,66 steve,68 still,66 stock,59 stolen,61 stop,56
stopped,90 store,68 story,77 street,67 subjects,71 submit,74 substitute,68 sugar,71 suggest,63 suggestion,71
suggestions,71 sunday,73 supposed,74 sure,61 sushi,67 swap,75 switch,50 t,45 table,50 taco,71 tails,65 take,42
takeaway,68 taken,64 takeout,73 takes,67 talk,57 talking,65 tampa,69 tank,70 target,67 tartine,74 task,74 tasks,74
tax,62 taxes,56 taxi,63 teaspoons,75 television,70 tell,30 temperature,57 ten,56 text,54 textbook,64 th,49 thai,74
thailand,74 than,65 thank,63 thanks,64 that,34 the,12 theater,74 theaters,74 theatre,67 theatres,57 their,72 them,55
theme,74 then,77 there,39 they,55 thing,70 things,51 think,54 third,72 thirty,65 this,32 those,82 thousand,72 three,57
through,57 thursday,68 ticket,55 tickets,74 time,38 timer,52 times,56 timezone,55 tire,63 tires,48 title,71 titled,75
to,13 today,43 todo,61 tokyo,74 told,81 tom,67 tomorrow,50 tonight,60 too,66 took,77 top,61 total,58 tourist,69 town,69
track,53 traffic,49 trailer,74 train,51 transaction,55 transactions,59 transfer,60 translate,66 travel,50 traveling,61
travelling,66 triggered,74 trip,62 trivia,66 truck,73 true,63 try,68 trying,69 tuesday,62 tune,59 turn,37 turned,76
tv,55 tweet,62 tweets,75 twelve,71 twenty,62 twitter,64 two,51 type,57 types,67 u,71 uber,52 uh,84 uk,73 um,101 under,57
understand,70 union,73 united,62 until,56 up,40 update,61 updates,73 us,61 usd,73 use,45 used,60 using,61 vacation,47
vaccinations,71 vacuum,60 value,69 ve,59 vegas,65 vehicle,72 very,69 video,69 visa,45 visit,66 voice,57 volume,50 w,55
wait,60 wake,67 walk,69 walking,74 walmart,67 wanna,59 want,35 wanted,73 wants,82 warm,68 was,43 washington,71 watch,65
water,59 way,53 ways,69 we,57 weather,42 wedding,85 wednesday,67 week,53 weekend,68 weeks,67 well,71 wells,64 wemo,69
went,79 were,55 west,73 what,18 whats,57 when,35 where,39 whether,70 which,50 while,71 whisper,56 white,70 who,47
whole,78 why,50 wild,74 will,34 window,88 wings,74 wish,68 with,36 within,68 without,81 woman,82 won,78 word,61 work,51
working,68 workout,74 world,67 worth,71 would,38 write,74 wrong,73 x,67 yeah,73 yeap,74 year,56 years,65 yen,66 yes,62
yesterday,60 yet,61 york,54 you,20 your,39 yourself,71 youtube,70 zero,63 zone,70 zoo,74
"""
"""Word, ten times the logarithm of 1 / its share of requests."""

RAREST = 8.0
"""What a word weighs that is not in the table."""

WEIGHT: dict[str, float] = {}
"""Word -> log(1 / the share of requests that hold it): 1.2 for "the"."""
for _entry in _COUNTED.split():
    _word, _weight = _entry.split(",")
    WEIGHT[_word] = int(_weight) / 10
