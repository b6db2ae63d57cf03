/** Every word of the page that does not come from the service. */

import type { Card, Status, Ticket } from "./client";

export const BRAND = "问策坐席";

export const STATUS: Record<Status, { text: string; tone: string; mark: string }> = {
  in_force: { text: "有效", tone: "good", mark: "✓" },
  expired: { text: "已过期", tone: "bad", mark: "✕" },
  repealed: { text: "已废止", tone: "bad", mark: "✕" },
  not_yet: { text: "尚未开始", tone: "warn", mark: "…" },
  not_stated: { text: "未载明有效期", tone: "warn", mark: "？" },
};

export const KINDS: Record<Ticket["kind"], string> = {
  consult: "咨询",
  help: "求助",
  complaint: "投诉",
  report: "举报",
  suggestion: "建议",
};

export const OUTCOMES: Record<Ticket["outcome"], string> = {
  open: "办理中",
  answered: "已答复",
  call_back: "待回电",
  passed: "已转办",
};

export const CHANNELS: Record<string, string> = {
  phone: "电话",
  web: "网页",
  wecom: "企业微信",
  aibot: "智能机器人",
  wechat: "公众号",
  rest: "接口",
};

export const ROLES = {
  operator: "话务员",
  supervisor: "班长",
  editor: "编辑",
  administrator: "管理员",
} as const;

export const VERDICTS = { eligible: "条件都符合", ineligible: "不符合", unknown: "还不能判断" };

export const GROUPS = {
  shown: "正在看",
  has: "条件都符合",
  may_have: "再问一句就知道",
  just_missed: "只差一步",
  expired: "已过期的",
} as const;

/** Why the identity provider signed nobody in. */
export const REFUSALS: Record<string, string> = {
  cancelled: "您没有完成单位帐号登录，可以再试一次",
  refused: "单位帐号系统没有同意这次登录，请再试一次",
  stale: "这次登录已过期或者不是从本页开始的，请重新点一次登录",
  unavailable: "单位帐号系统暂时连接不上，请稍后再试",
  invalid: "单位帐号系统的答复没有通过核对，没有登录，请告诉管理员",
  no_role: "您的单位帐号没有使用坐席工作台的权限，请联系管理员",
  inactive: "您在坐席工作台的用户已停用，请联系管理员",
  name_taken: "坐席工作台里已有同名的用户，请管理员在“用户”页确认是您本人后再登录",
};

export const WHY = { call: "该回电", overdue: "已过期", today: "今天到期" } as const;

export const REASONS: Record<string, string> = {
  unanswered: "没有答上",
  unsure: "拿不准",
  handed_over: "转了人工",
  disliked: "被点踩",
};

export const STATES: Record<string, string> = {
  open: "待处理",
  accepted: "已采纳",
  declined: "未采纳",
  written: "已写入",
};

export const KINDS_OF_CARD: Record<Card["kind"], string> = { programme: "事项", clause: "条款" };

export const UNDERSTOOD: Record<string, string> = {
  policy_answer: "答了一条政策",
  policy_list: "列了政策",
  eligibility_question: "在问情况",
  eligibility_result: "判断了能否享受",
  clarify: "请用户选择",
  handoff: "转人工",
  text: "没有引用条款",
};

export const KEYS: [string, string][] = [
  ["/", "到检索框"],
  ["↑ ↓", "选上一条、下一条"],
  ["Enter", "展开或收起原文"],
  ["C", "复制话术"],
  ["1 2", "填第一、第二个关键问题"],
  ["M", "加入对比（两项）"],
  ["T", "登记工单"],
  ["E", "报告这条有误（纠错）"],
  ["N", "新来电（清空）"],
  ["Alt+1…6", "切换页签"],
  ["?", "这张表"],
];

export const AUDIT: Record<string, string> = {
  audit_read: "查看审计记录",
  figures_exported: "导出统计",
  identity_linked: "关联单位帐号",
  identity_parted: "解除单位帐号",
  link_made: "生成一次性链接",
  notice_pinned: "发布通知",
  password_set: "设置密码",
  proposal_settled: "处理提议",
  role_by_provider: "角色随单位帐号更新",
  second_factor_set: "设置验证器",
  sign_in_failed: "登录失败",
  signed_in: "登录",
  signed_out: "退出",
  talk_accepted: "接待对话",
  talk_answered: "答复用户",
  talk_handed: "转交对话",
  talk_seen: "查看对话",
  ticket_added: "登记工单",
  ticket_changed: "修改工单",
  ticket_seen: "查看工单",
  tickets_exported: "导出工单",
  user_added: "新增用户",
  user_changed: "修改用户",
  vouched_for: "单位帐号核对通过",
};
